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

/** A client whose server is to send spans of the same trace. */
interface TracedConnection {
  readonly traceId: string
  /** The client's own span. */
  readonly spanId: string
}

/** What had come of one trace when the waiting was over. */
export interface ArrivedSpans {
  readonly traceId: string
  readonly spans: ReadonlyArray<Span>
  /** For how many milliseconds its server span or an open marker was there; `undefined`: neither is. */
  readonly answeredFor: number | undefined
  /** False where a lifetime that began had not ended yet. */
  readonly whole: boolean
}

/**
 * Waits until the servers' spans of these traces are complete: each trace has its server span or an open
 * marker, and what lived under it has ended.
 */
export const awaitServerSpans = Effect.fnUntraced(function* (
  clients: ReadonlyArray<TracedConnection>,
  { wait, grace }: Patience,
) {
  const store = yield* TraceStore
  const answeredAt = new Map<string, number>()
  const awaitOne = Effect.fnUntraced(function* ({ traceId, spanId }: TracedConnection) {
    yield* store.awaitTrace(traceId, (spans) => isAnswered(spans, spanId, grace))
    answeredAt.set(traceId, performance.now())
    yield* store.awaitTrace(traceId, isWhole)
  })
  yield* Effect.forEach(clients, awaitOne, { concurrency: "unbounded", discard: true }).pipe(
    Effect.timeoutOption(wait),
  )
  const now = performance.now()
  return yield* Effect.forEach(clients, ({ traceId }) =>
    Effect.map(store.trace(traceId), (spans): ArrivedSpans => {
      const at = answeredAt.get(traceId)
      const answeredFor = at === undefined ? undefined : now - at
      return { traceId, spans, answeredFor, whole: isWhole(spans) }
    }),
  )
})

/** Whether any other request has its server span: the server sends them, then. */
export const hasOtherServerSpans = Effect.fnUntraced(function* (
  clients: ReadonlyArray<TracedConnection>,
) {
  const store = yield* TraceStore
  const own = new Set(clients.map(({ traceId }) => traceId))
  const others = (yield* store.traces).filter((traceId) => !own.has(traceId))
  for (const traceId of others) {
    if ((yield* store.trace(traceId)).some(isServerSpan)) return true
  }
  return false
})

const isAnswered = (spans: ReadonlyArray<Span>, clientId: string, grace: Micros): boolean => {
  const client = spans.find(({ spanId }) => spanId === clientId)
  const late = client === undefined ? 0 : client.endedAt + grace
  return spans.some((span) => (isOpenMarker(span) ? span.endedAt >= late : isServerSpan(span)))
}

/** Whether a span tells of an exchange, ended or still open. */
export const tellsOfExchange = (span: Span): boolean => isServerSpan(span) || isOpenMarker(span)

/**
 * Says that an exchange was open at its end. Servers send such spans while their clients are still there, so
 * one counts as an answer only a grace period after its client had left.
 */
const isOpenMarker = (span: Span): boolean =>
  flag(span, LIFETIME_OPEN) && (span.kind === "server" || text(span, HTTP_ROUTE) !== undefined)

/** A server that sends what ended an exchange also sends its request scope, and with it all that has ended. */
const isWhole = (spans: ReadonlyArray<Span>): boolean => {
  const traced = spans.some((span) => text(span, EXCHANGE_ENDED_BY) !== undefined)
  const requestEnded = spans.some(
    (span) => text(span, LIFETIME_KIND) === "scope" && text(span, SCOPE_ROLE) === "request",
  )
  return (requestEnded || !traced) && heldSubscriptions(spans).length === 0
}
