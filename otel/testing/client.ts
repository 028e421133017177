import type * as Tracer from "effect/Tracer"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { Client } from "../lifetimes/model.ts"
import type { Attributes, AttributeValue } from "../lifetimes/span.ts"
import { clientSpan } from "../lifetimes/spans/client.ts"
import { fromNanos } from "../lifetimes/time.ts"

/** The client of an exchange, if its span was made in this program and has ended. */
export const clientOf = (
  { serverSpan }: ExchangeRecord,
  clients: ReadonlyArray<Tracer.Span>,
): Client | undefined => {
  const { parent } = serverSpan
  if (parent._tag === "None") return undefined
  const { traceId, spanId } = parent.value
  const span = clients.find((it) => it.spanId === spanId && it.traceId === traceId)
  if (span?.status._tag !== "Ended") return undefined
  return clientSpan.read({
    traceId,
    spanId,
    parentSpanId: undefined,
    name: span.name,
    kind: "client",
    startedAt: fromNanos(span.status.startTime),
    endedAt: fromNanos(span.status.endTime),
    attributes: plain(span.attributes),
    events: [], // Effect's spans do not show theirs
    links: [],
    status: { code: "unset", message: "" },
    resource: {},
    instrumentation: undefined,
  })
}

const plain = (attributes: ReadonlyMap<string, unknown>): Attributes => {
  const result: Record<string, AttributeValue> = {}
  for (const [key, value] of attributes) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      result[key] = value
    }
  }
  return result
}
