/** A power of two. */
const places = 4096

const longest = 64

/**
 * Known texts, found by their bytes: keys, names, ids and most values repeat. Only one string of each stays in
 * memory, and no string is made to look it up.
 */
export class SeenTexts {
  readonly #texts: Array<string> = Array.from({ length: places }, () => "")
  readonly #bytes = new Uint8Array(places * longest)

  /** The text of these bytes, if it is still kept. */
  find(bytes: Uint8Array, from: number, to: number): string | undefined {
    const length = to - from
    if (length === 0) return ""
    if (length > longest) return undefined
    const place = placeOf(bytes, from, length)
    const text = this.#texts[place]
    if (text?.length !== length) return undefined
    const kept = this.#bytes
    const at = place * longest
    for (let index = 0; index < length; index++) {
      if (kept[at + index] !== bytes[from + index]) return undefined
    }
    return text
  }

  /** The text of these bytes, which are ASCII. */
  keep(bytes: Buffer, from: number, to: number): string {
    const text = bytes.toString("latin1", from, to)
    const length = to - from
    if (length > longest) return text
    const place = placeOf(bytes, from, length)
    this.#texts[place] = text
    const kept = this.#bytes
    const at = place * longest
    for (let index = 0; index < length; index++) kept[at + index] = bytes[from + index] ?? 0
    return text
  }
}

/** Reads only a few bytes: a collision costs no more than a comparison. */
const placeOf = (bytes: Uint8Array, from: number, length: number): number => {
  const last = length - 1
  let mixed = length
  mixed = Math.imul(mixed, 31) + (bytes[from] ?? 0)
  mixed = Math.imul(mixed, 31) + (bytes[from + (last >> 2)] ?? 0)
  mixed = Math.imul(mixed, 31) + (bytes[from + (last >> 1)] ?? 0)
  mixed = Math.imul(mixed, 31) + (bytes[from + ((last * 3) >> 2)] ?? 0)
  mixed = Math.imul(mixed, 31) + (bytes[from + last] ?? 0)
  return (mixed ^ (mixed >>> 12)) & (places - 1)
}
