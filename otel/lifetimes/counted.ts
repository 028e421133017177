/** Numbers in sentences. */

/** Pass `many` if an s is not enough, as for a verb behind the noun. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? one : many

/** `1 event`, `2 events`. */
export const counted = (count: number, one: string, many?: string): string =>
  `${count} ${plural(count, one, many)}`

/** `once`, `2 times`. */
export const times = (count: number): string => (count === 1 ? "once" : `${count} times`)
