import type { Attributes } from "../../../otel/lifetimes/span.ts"
import type { JsonBytes } from "./json-bytes.ts"
import { readAttributes } from "./key-values.ts"

const mostNames = 512
const longest = 2048

interface Seen {
  readonly bytes: Buffer
  length: number
  attributes: Attributes
}

/**
 * Lists of attributes by their owner, with the bytes of the latest one. Spans of one name often have the same
 * list: comparing bytes is far cheaper than reading them, and only one record stays in memory.
 */
export class SeenAttributes {
  readonly #seen = new Map<string, Seen>()

  read(json: JsonBytes, name: string): Attributes {
    const seen = this.#seen.get(name)
    if (seen !== undefined && json.goesOver(seen.bytes, seen.length)) return seen.attributes
    json.peek()
    const from = json.at
    const attributes = readAttributes(json)
    if (json.at - from <= longest) {
      const place = seen ?? this.#placeFor(name, attributes)
      place.length = json.copy(from, place.bytes)
      place.attributes = attributes
    }
    return attributes
  }

  #placeFor(name: string, attributes: Attributes): Seen {
    if (this.#seen.size === mostNames) this.#seen.clear()
    const place = { bytes: Buffer.allocUnsafe(longest), length: 0, attributes }
    this.#seen.set(name, place)
    return place
  }
}
