import * as Effect from "effect/Effect"
import {
  EXCHANGE_ENDED_BY,
  HTTP_ROUTE,
  LIFETIME_KIND,
  LIFETIME_OPEN,
  SCOPE_ROLE,
} from "../../otel/attributes.ts"
import { flag, text } from "../../otel/lifetimes/attribute-reader.ts"
import { isServerSpan } from "../../otel/lifetimes/from-spans.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { heldSubscriptions } from "./held-subscription.ts"

export interface Patience {
  /** Milliseconds that all traces together may take. */
  readonly wait: number
  /** The rules' grace period. */
  readonly grace: Micros
}

/** What had come of one trace when the waiting was over. */
export interface Arrived {
  readonly traceId: string
  readonly spans: ReadonlyArray<Span>
  /** For how many milliseconds its server span or an open marker was there; `undefined`: neither is. */
  readonly answeredFor: number | undefined
  /** False where a lifetime that began had not ended yet. */
  readonly whole: boolean
}

/**
 * Waits until what servers say of these traces is whole: each has its server span or an open marker,
 * and what lived under it has ended.
 */
export const awaitServerSpans = Effect.fnUntraced(function* (
  traceIds: ReadonlyArray<string>,
  { wait, grace }: Patience,
) {
  const store = yield* TraceStore
  const answeredAt = new Map<string, number>()
  const awaitOne = Effect.fnUntraced(function* (traceId: string) {
    yield* store.awaitTrace(traceId, (spans) => isAnswered(spans, grace))
    answeredAt.set(traceId, performance.now())
    yield* store.awaitTrace(traceId, isWhole)
  })
  yield* Effect.forEach(traceIds, awaitOne, { concurrency: "unbounded", discard: true }).pipe(
    Effect.timeoutOption(wait),
  )
  const now = performance.now()
  return yield* Effect.forEach(traceIds, (traceId) =>
    Effect.map(store.trace(traceId), (spans): Arrived => {
      const at = answeredAt.get(traceId)
      const answeredFor = at === undefined ? undefined : now - at
      return { traceId, spans, answeredFor, whole: isWhole(spans) }
    }),
  )
})

const isAnswered = (spans: ReadonlyArray<Span>, grace: Micros): boolean =>
  spans.some((span) => isEnded(span) || isOpenMarker(span, spans, grace))

const isEnded = (span: Span): boolean => isServerSpan(span) && !flag(span, LIFETIME_OPEN)

/** Says that the exchange was still open a grace period after its client had gone. */
const isOpenMarker = (span: Span, spans: ReadonlyArray<Span>, grace: Micros): boolean => {
  const serves = span.kind === "server" || text(span, HTTP_ROUTE) !== undefined
  if (!serves || !flag(span, LIFETIME_OPEN)) return false
  const client = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return client === undefined || span.endedAt >= client.endedAt + grace
}

/** Whoever says what ended an exchange also sends its request scope, and with it all that has ended. */
const isWhole = (spans: ReadonlyArray<Span>): boolean => {
  const traced = spans.some((span) => text(span, EXCHANGE_ENDED_BY) !== undefined)
  const requestEnded = spans.some(
    (span) => text(span, LIFETIME_KIND) === "scope" && text(span, SCOPE_ROLE) === "request",
  )
  return (requestEnded || !traced) && heldSubscriptions(spans).length === 0
}
