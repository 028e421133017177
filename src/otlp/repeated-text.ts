/** A power of two. */
const places = 4096

const longest = 64

/**
 * Known texts. Ids, names, keys and most values repeat: only one string of each stays in memory, and looking it
 * up in a map is cheap from then on.
 */
export class RepeatedText {
  readonly #seen: Array<string> = Array.from({ length: places }, () => "")

  /** The same text as the kept string, if it is still there. */
  find(text: string): string | undefined {
    if (text.length === 0 || text.length > longest) return undefined
    const known = this.#seen[placeOf(text)]
    return known === text ? known : undefined
  }

  keep(text: string): string {
    if (text.length > 0 && text.length <= longest) this.#seen[placeOf(text)] = text
    return text
  }
}

/** Reads only a few characters: a collision costs no more than a comparison. */
const placeOf = (text: string): number => {
  const last = text.length - 1
  let mixed = text.length
  mixed = Math.imul(mixed, 31) + text.charCodeAt(0)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(last >> 2)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(last >> 1)
  mixed = Math.imul(mixed, 31) + text.charCodeAt((last * 3) >> 2)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(last)
  return (mixed ^ (mixed >>> 12)) & (places - 1)
}

const texts = new RepeatedText()

/** The text, usually as the one string that is in memory already. */
export const repeated = (text: string): string => texts.find(text) ?? texts.keep(text)
