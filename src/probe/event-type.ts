import type * as Sse from "effect/encoding/Sse"

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
