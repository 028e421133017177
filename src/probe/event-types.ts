import type * as Sse from "effect/encoding/Sse"
import { counted } from "../../otel/lifetimes/counted.ts"
import { printable } from "../../otel/timeline/printable.ts"

/** What a client received, by event type. */
interface ReceivedEvents {
  readonly events: ReadonlyMap<string, number>
}

/** Servers choose types, so their length is bounded. */
const maximumLength = 200

/**
 * The type inside the data, as OpenCode sends it, or else the name on the `event:` line. It is a copy:
 * a slice would keep the whole text that it was cut from.
 */
export const eventType = (event: Sse.Event): string => {
  const type = (typeInside(event.data) ?? event.event).slice(0, maximumLength)
  return Buffer.from(type, "utf8").toString("utf8")
}

const typeInside = (text: string): string | undefined => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return undefined // Data need not be JSON.
  }
  if (typeof data !== "object" || data === null || !("type" in data)) return undefined
  return typeof data.type === "string" ? data.type : undefined
}

/** Events that somebody published: what the server says of itself does not count. */
export const publishedCount = (seen: ReceivedEvents): number =>
  countOf(seen, (type) => !isOwn(type))

/** Events that the server sent of its own accord: a greeting, heartbeats. */
export const ownCount = (seen: ReceivedEvents): number => countOf(seen, isOwn)

const isOwn = (type: string): boolean => type.startsWith("server.")

const countOf = ({ events }: ReceivedEvents, isCounted: (type: string) => boolean): number =>
  [...events].reduce((sum, [type, count]) => (isCounted(type) ? sum + count : sum), 0)

const mostTypes = 5

/** The types and how often each came, the first few, as a terminal may show them. */
export const receivedTypes = ({ events }: ReceivedEvents): string => {
  const shown = [...events].slice(0, mostTypes)
  const more = events.size - shown.length
  return [
    ...shown.map(([type, count]) => `${count} ${printable(type, 60)}`),
    ...(more > 0 ? [counted(more, "more type")] : []),
  ].join(", ")
}
