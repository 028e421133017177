const deepestDrawn = 8

/**
 * For rows of the given depths, the branches before each label: `├ `, `│ └ `. Rows deeper than 8 are
 * drawn as if they were at 8.
 */
export const treeLines = (depths: ReadonlyArray<number>): ReadonlyArray<string> => {
  const goesOn: Array<boolean> = []
  return depths
    .toReversed()
    .map((depth) => {
      const drawn = Math.min(depth, deepestDrawn)
      const branches = Array.from({ length: drawn }, (_, level) =>
        level === drawn - 1 ? (goesOn[level] ? "├ " : "└ ") : goesOn[level] ? "│ " : "  ",
      )
      goesOn.length = drawn
      if (drawn > 0) goesOn[drawn - 1] = true
      return branches.join("")
    })
    .toReversed()
}

/** The branches for a line that is not a row, below a row with these branches. */
export const treeBefore = (branches: string): string => branches.replaceAll(/[├└]/g, "│")
