import { counted } from "../../otel/lifetimes/counted.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import { serverEndedStream } from "../../otel/lifetimes/rules/server-ended-stream.ts"
import { formatMillis } from "../../otel/lifetimes/time.ts"
import { type ClientView, isEventStream } from "./event-stream.ts"
import { ownCount, publishedCount, receivedTypes } from "./event-types.ts"
import type { Connection, Visit } from "./visit.ts"

const suggestion = `Let the server say why: probe it again with --collect PORT, and start it with Scopeline:

  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:PORT node --import scopeline/register server.js

If the stream is meant to end, say --expect-end.`

/** A client can only report that an end came that it did not plan, never why. */
export const unplannedEnd = (
  { url, method }: Pick<Visit, "url" | "method">,
  connection: Connection,
): Match | undefined => {
  const { seen, traceId, spanId, operation } = connection
  if (!wasEnded(seen)) return undefined
  const route = routeOf({ url, method })
  const lifetime = formatMillis(seen.streamMs ?? 0)
  return {
    rule: serverEndedStream.name,
    severity: serverEndedStream.severity,
    confidence: "likely",
    service: "",
    route,
    operation,
    message:
      `The server ${howItEnded(seen)} of ${route} after ${lifetime} (the client's own time)${silence(seen)}: its client ` +
      `had not planned to leave, and had received ${receivedText(seen)}.`,
    evidence: {
      "stream.ms": seen.streamMs ?? 0,
      "ended.by": seen.endedBy ?? "",
      ...(seen.silentMs === undefined ? {} : { "silent.ms": seen.silentMs }),
      ...(seen.failure === undefined ? {} : { "ended.reason": seen.failure.reason }),
      "events.received": publishedCount(seen),
      "events.own": ownCount(seen),
      "events.types": receivedTypes(seen),
    },
    suggestion: isSilent(seen) ? `${idle}\n\n${suggestion}` : suggestion,
    code: undefined,
    exchange: { traceId, spanId },
    stream: undefined,
    spanIds: [spanId],
  }
}

/** Where a stream is, as findings say it. */
export const routeOf = ({ url, method }: Pick<Visit, "url" | "method">): string =>
  `${method} ${new URL(url).pathname}`

const idle = `Proxies and load balancers break off what is silent for too long, often for 30 or 60 seconds. If that is
what happened, let the server send a comment or a heartbeat more often than that.`

const longSilence = 5_000

const isSilent = ({ silentMs = 0 }: ClientView): boolean => silentMs >= longSilence

const silence = (seen: ClientView): string =>
  isSilent(seen) ? `, silent for the last ${formatMillis(seen.silentMs ?? 0)}` : ""

/**
 * By the server: an end that we caused ourselves does not count, and neither does an answer that never was a
 * stream.
 */
const wasEnded = (seen: ClientView): boolean => {
  if (seen.status !== undefined && !isEventStream(seen)) return false
  if (seen.endedBy === "server") return true
  return seen.endedBy === "error" && seen.failure?.kind === "reset"
}

const howItEnded = ({ endedBy, status }: ClientView): string => {
  if (endedBy === "server") return "ended the event stream"
  return status === undefined ? "reset, without an answer, the connection" : "broke off the stream"
}

const receivedText = (seen: ClientView): string => {
  const published = publishedCount(seen)
  const own = ownCount(seen)
  if (published + own === 0) return "no event"
  const received = published === 0 ? "no event" : counted(published, "event")
  const besides = own === 0 ? "" : ` besides ${own} of the server's own`
  return `${received}${besides} (${receivedTypes(seen)})`
}
