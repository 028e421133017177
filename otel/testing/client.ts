import type * as Tracer from "effect/Tracer"
import { CLIENT_ENDED_BY, CLIENT_EVENTS, CLIENT_OWN_EVENTS } from "../attributes.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { Client } from "../lifetimes/model.ts"
import { clientEnds } from "../lifetimes/terms.ts"
import { fromNanos } from "../lifetimes/time.ts"

/** The client of an exchange, where its span is one of this program and has ended. */
export const clientOf = (
  { serverSpan }: ExchangeRecord,
  clients: ReadonlyArray<Tracer.Span>,
): Client | undefined => {
  const { parent } = serverSpan
  if (parent._tag === "None") return undefined
  const { traceId, spanId } = parent.value
  const span = clients.find((it) => it.spanId === spanId && it.traceId === traceId)
  if (span?.status._tag !== "Ended") return undefined
  const count = (name: string): number => {
    const value = span.attributes.get(name)
    return typeof value === "number" ? value : 0
  }
  return {
    kind: "client",
    span: { traceId, spanId },
    name: span.name,
    startedAt: fromNanos(span.status.startTime),
    endedAt: fromNanos(span.status.endTime),
    firstByteAt: undefined,
    firstEventAt: undefined,
    endedBy: clientEnds.find((end) => end === span.attributes.get(CLIENT_ENDED_BY)),
    events: count(CLIENT_EVENTS),
    ownEvents: count(CLIENT_OWN_EVENTS),
  }
}
