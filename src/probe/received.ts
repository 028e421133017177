import { counted } from "../../otel/lifetimes/counted.ts"
import { printable } from "../../otel/timeline/printable.ts"
import type { ClientView } from "./event-stream.ts"

/** Events that somebody published: what the server says of itself does not count. */
export const publishedCount = (seen: ClientView): number => countOf(seen, (type) => !isOwn(type))

/** Events that the server sent of its own accord: a greeting, heartbeats. */
export const ownCount = (seen: ClientView): number => countOf(seen, isOwn)

const isOwn = (type: string): boolean => type.startsWith("server.")

const countOf = ({ events }: ClientView, isCounted: (type: string) => boolean): number =>
  [...events].reduce((sum, [type, count]) => (isCounted(type) ? sum + count : sum), 0)

const mostTypes = 5

/** The types and how often each came, the first few, as a terminal may show them. */
export const receivedTypes = ({ events }: ClientView): string => {
  const shown = [...events].slice(0, mostTypes)
  const more = events.size - shown.length
  return [
    ...shown.map(([type, count]) => `${count} ${printable(type, 60)}`),
    ...(more > 0 ? [counted(more, "more type")] : []),
  ].join(", ")
}
