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
 * The name on the `event:` line, with the type inside the data beside it; without such a line, only the type.
 * It is a copy: a slice would keep the whole text in memory.
 */
export const eventType = ({ event, data }: Sse.Event): string => {
  const type = typeInside(data)
  const name = event === unnamed ? (type ?? event) : event
  const full = type === undefined || type === name ? name : `${name} (${type})`
  return Buffer.from(full.slice(0, maximumLength), "utf8").toString("utf8")
}

/** The name of an event without one. */
const unnamed = "message"

/** As OpenCode and most others write it, or the method of JSON-RPC, which MCP uses. */
const typeInside = (text: string): string | undefined => {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return undefined // Data need not be JSON.
  }
  if (typeof data !== "object" || data === null) return undefined
  if ("type" in data && typeof data.type === "string") return data.type
  if (!("jsonrpc" in data)) return undefined
  if ("method" in data && typeof data.method === "string") return data.method
  return "error" in data ? "error" : "result"
}

/** Events that somebody published: the server's own events do not count. */
export const publishedCount = (seen: ReceivedEvents): number =>
  countOf(seen, (type) => !isOwn(type))

/** Events that the server sends by itself: a greeting, heartbeats. */
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
