/** A power of two. */
const places = 8192

const longest = 64

const seen: Array<string> = Array.from({ length: places }, () => "")

/**
 * The same text, as the one string that was seen before where that is still known. Ids, names, keys
 * and most values come again and again: of those only one string stays in memory, and looking it up
 * is cheap from then on.
 */
export const repeated = (text: string): string => {
  const { length } = text
  if (length === 0 || length > longest) return text
  const place = placeOf(text, length)
  const known = seen[place]
  if (known === text) return known
  seen[place] = text
  return text
}

/** Looks at a few characters only: two texts in one place cost no more than a look. */
const placeOf = (text: string, length: number): number => {
  let mixed = length
  mixed = Math.imul(mixed, 31) + text.charCodeAt(0)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(length >> 2)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(length >> 1)
  mixed = Math.imul(mixed, 31) + text.charCodeAt((length * 3) >> 2)
  mixed = Math.imul(mixed, 31) + text.charCodeAt(length - 1)
  if (length > 1) mixed = Math.imul(mixed, 31) + text.charCodeAt(length - 2)
  return (mixed ^ (mixed >>> 13)) & (places - 1)
}
