/** What is drawn of a connection, and said of it in a few words. */

import { counted } from "../../../otel/lifetimes/counted.ts"
import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import { formatMillis, type Micros, millisBetween } from "../../../otel/lifetimes/time.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { layoutOf } from "../../../otel/timeline/layout.ts"
import type { PageView } from "./watched.ts"

/** `open`, or how long it lasted. */
const lastedText = ({ exchange: { startedAt, endedAt } }: JudgedExchange): string =>
  endedAt === undefined ? "open" : `lasted ${formatMillis(millisBetween(startedAt, endedAt))}`

const enders = {
  client: "its client left",
  server: "the server ended it",
  shutdown: "the server shut down",
} as const

/** How long it lasted, what it carried, and who ended it. */
export const connectionText = (judged: JudgedExchange): string => {
  const { endedBy, streams } = judged.exchange
  const events = streams.reduce((sum, stream) => sum + stream.events, 0)
  const end = endedBy === undefined ? [] : [enders[endedBy]]
  return [lastedText(judged), counted(events, "event"), ...end].join(", ")
}

/** The time of day here, as `14:03:59`. */
export const clockText = (time: Micros): string => new Date(time / 1000).toTimeString().slice(0, 8)

/** The drawing of the latest connection of each server. */
export const panelsOf = ({ connections, now }: PageView): ReadonlyArray<Panel> =>
  connections.flatMap(({ side, latest }) => {
    if (latest === undefined) return []
    const { exchange, matches } = latest
    return {
      title: side,
      note: `connected at ${clockText(exchange.startedAt)}, ${lastedText(latest)}`,
      layout: layoutOf(exchange, matches, now),
    }
  })
