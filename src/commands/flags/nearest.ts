/** The end of a sentence, which asks whether one of these names was meant. */
export const didYouMean = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "." : `. Did you mean ${names.join(" or ")}?`

/** The names that begin like the mistyped one, or else the most similar name, if it is similar enough. */
export const nearest = (typed: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const begun = names.filter((name) => typed.length > 2 && name.startsWith(typed))
  if (begun.length > 0) return begun
  const [first] = names
    .map((name) => ({ name, distance: editsBetween(typed, name) }))
    .toSorted((a, b) => a.distance - b.distance)
  return first === undefined || first.distance > typed.length / 2 ? [] : [first.name]
}

/** How many characters have to be inserted, removed or replaced, one row of the table at a time. */
const editsBetween = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
