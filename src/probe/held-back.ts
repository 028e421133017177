import { counted } from "../../otel/lifetimes/counted.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import { formatMillis } from "../../otel/lifetimes/time.ts"
import { printable } from "../../otel/timeline/printable.ts"
import { isPlain } from "./content-encoding.ts"
import type { ClientView } from "./event-stream.ts"
import { receivedTypes } from "./event-types.ts"
import { compressionHoldsEvents } from "./probe-rule.ts"
import { routeOf } from "./unplanned-end.ts"
import type { Connection, Visit } from "./visit.ts"

const suggestion = `Do not compress event streams, or flush after each event. Express's compression takes a filter:

  app.use(compression({
    filter: (request, response) =>
      !/event-stream/.test(String(response.getHeader("content-type")))
        && compression.filter(request, response),
  }))

A proxy leaves the answer alone if it has this header:

  cache-control: no-cache, no-transform`

/**
 * Clients that accept compression, as browsers do, and got no event while a client without compression got
 * some.
 */
export const heldBack = (visited: Visit): ReadonlyArray<Match> => {
  const { connections, uncompressed } = visited
  if (uncompressed === undefined || countOf(uncompressed.seen) === 0) return []
  const waiting = connections.filter(
    ({ seen }) => countOf(seen) === 0 && seen.endedBy === "client" && mayBeCompressed(seen),
  )
  return waiting.map((connection) => matchOf(visited, connection, uncompressed))
}

/** It is, or there was no answer to know it from. */
const mayBeCompressed = ({ status, contentEncoding }: ClientView): boolean =>
  status === undefined || !isPlain(contentEncoding)

export const countOf = ({ events }: ClientView): number =>
  [...events.values()].reduce((sum, count) => sum + count, 0)

const matchOf = (
  visited: Visit,
  { seen, traceId, spanId, operation }: Connection,
  uncompressed: Connection,
): Match => {
  const encoding = printable(seen.contentEncoding ?? "", 60)
  const answer =
    encoding === ""
      ? "no answer came"
      : `the answer was compressed with ${encoding}, and no event came`
  return {
    rule: compressionHoldsEvents,
    severity: "error",
    confidence: "likely",
    service: "",
    route: routeOf(visited),
    operation,
    message:
      `To a client that accepts compression, as browsers do, ${answer} in ${formatMillis(seen.streamMs ?? 0)}. ` +
      `A client that accepts none received ${counted(countOf(uncompressed.seen), "event")} meanwhile ` +
      `(${receivedTypes(uncompressed.seen)}).`,
    evidence: {
      "content.encoding": encoding,
      "events.received": 0,
      "events.uncompressed": countOf(uncompressed.seen),
    },
    suggestion,
    code: undefined,
    exchange: { traceId, spanId },
    stream: undefined,
    spanIds: [spanId],
  }
}
