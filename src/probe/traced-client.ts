import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import {
  CLIENT_END,
  CLIENT_ENDED_BY,
  CLIENT_EVENTS,
  CLIENT_FIRST_BYTE,
  CLIENT_FIRST_EVENT,
  CLIENT_OWN_EVENTS,
  HTTP_METHOD,
  HTTP_STATUS,
  URL_FULL,
} from "../../otel/attributes.ts"
import { withoutSecrets } from "../../otel/export/address.ts"
import {
  type ClientView,
  defaultStreamLimits,
  EventStream,
  type StreamLimits,
} from "./event-stream.ts"
import { ownCount, publishedCount } from "./event-types.ts"

/** A client whose span is the parent of the server's, so that both stand in one trace. */
export interface TracedClient {
  readonly traceId: string
  /** The client's own span. */
  readonly spanId: string
  /** Its name. */
  readonly operation: string
  readonly stream: EventStream
}

/** Connects to an event stream under a client span of its own, which ends when the client's stream does. */
export const openTracedClient = Effect.fnUntraced(function* (
  url: string,
  limits: StreamLimits = defaultStreamLimits,
) {
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeNanosUnsafe()
  const operation = `client GET ${new URL(url).pathname}`
  const span = yield* Effect.makeSpan(operation, {
    kind: "client",
    root: true,
    attributes: { [HTTP_METHOD]: "GET", [URL_FULL]: withoutSecrets(url) },
  })
  const stream = yield* EventStream.open(
    url,
    { traceparent: `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}` },
    {
      firstByte: () => span.event(CLIENT_FIRST_BYTE, now()),
      firstEvent: () => span.event(CLIENT_FIRST_EVENT, now()),
      end: (seen) => endSpan(span, seen, now()),
    },
    limits,
  )
  const client: TracedClient = { traceId: span.traceId, spanId: span.spanId, operation, stream }
  return client
})

const endSpan = (span: Tracer.Span, seen: ClientView, endedAt: bigint): void => {
  span.event(CLIENT_END, endedAt, { [CLIENT_ENDED_BY]: seen.endedBy })
  span.attribute(CLIENT_ENDED_BY, seen.endedBy)
  span.attribute(CLIENT_EVENTS, publishedCount(seen))
  span.attribute(CLIENT_OWN_EVENTS, ownCount(seen))
  if (seen.status !== undefined) span.attribute(HTTP_STATUS, seen.status)
  span.end(endedAt, Exit.void)
}
