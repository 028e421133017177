/** Prints what was measured beside what it may be at most; gives whether it is no more. */
export const isMet = (title: string, value: number, most: number, unit = ""): boolean => {
  const met = value <= most
  const space = unit === "" || unit === "%" ? "" : " "
  console.log(
    `${title}: ${shown(value)}${space}${unit} (at most ${shown(most)}${space}${unit}) ${met ? "ok" : "MISSED"}`,
  )
  return met
}

/** The same of what is to be without exception: prints what is not so. */
export const isNone = (title: string, exceptions: ReadonlyArray<string>): boolean => {
  const met = exceptions.length === 0
  console.log(`${title}: ${met ? "ok" : `${exceptions.join("; ")} MISSED`}`)
  return met
}

const shown = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en")
