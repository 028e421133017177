import type { Panel } from "../../../otel/timeline/layout.ts"
import { layoutOf } from "../../../otel/timeline/layout.ts"
import { clockText, lastedText } from "./connection-text.ts"
import type { PageView } from "./watched.ts"

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
