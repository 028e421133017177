import { deepStrictEqual } from "node:assert"
import { Schema } from "effect"

const Request = Schema.fromJsonString(
  Schema.Struct({
    resourceSpans: Schema.Array(
      Schema.Struct({
        scopeSpans: Schema.Array(
          Schema.Struct({
            spans: Schema.Array(
              Schema.Struct({
                name: Schema.String,
                traceId: Schema.String,
                spanId: Schema.String,
                parentSpanId: Schema.optional(Schema.String),
                startTimeUnixNano: Schema.String,
                endTimeUnixNano: Schema.String,
              }),
            ),
          }),
        ),
      }),
    ),
  }),
)

const spansOf = (body: string) =>
  Schema.decodeSync(Request)(body).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  )

/**
 * To the nanosecond: no span that one process sent begins before the span it hangs under, and each ends after it
 * has begun. Jaeger warns of one that does not.
 */
export const expectTrueTimes = (bodies: ReadonlyArray<string>): void => {
  const spans = bodies.flatMap(spansOf)
  const begun = new Map(
    spans.map((span) => [`${span.traceId} ${span.spanId}`, BigInt(span.startTimeUnixNano)]),
  )
  const early = spans.flatMap(({ name, traceId, parentSpanId, startTimeUnixNano }) => {
    const parentStart = begun.get(`${traceId} ${parentSpanId}`)
    const before = parentStart === undefined ? 0n : parentStart - BigInt(startTimeUnixNano)
    return before > 0n ? [`${name} begins ${before} ns before its parent`] : []
  })
  const noLength = spans
    .filter((span) => BigInt(span.endTimeUnixNano) <= BigInt(span.startTimeUnixNano))
    .map(({ name }) => `${name} ends when it begins, or before`)
  deepStrictEqual([...early, ...noLength], [])
}
