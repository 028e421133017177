import { printable } from "../../otel/timeline/printable.ts"
import type { Seen } from "./event-stream.ts"

export const receivedCount = ({ events }: Seen): number =>
  [...events.values()].reduce((sum, count) => sum + count, 0)

const mostTypes = 5

/** The types and how often each came, the first few, as a terminal may show them. */
export const receivedTypes = ({ events }: Seen): string => {
  const shown = [...events].slice(0, mostTypes)
  const more = events.size - shown.length
  return [
    ...shown.map(([type, count]) => `${count} ${printable(type, 60)}`),
    ...(more > 0 ? [`${more} more ${more === 1 ? "type" : "types"}`] : []),
  ].join(", ")
}
