import { isPairName, type PairName } from "./pairs.ts"

export const variantNames = ["broken", "fixed"] as const

/** One program of a pair. */
export interface Play {
  readonly name: PairName
  readonly variant: (typeof variantNames)[number]
}

/** What became of it. */
export interface Played extends Play {
  readonly right: boolean
  readonly failure?: string
}

/** How a play is called on the command line, and by a service. */
export const wordOf = ({ name, variant }: Play): string => `${name}:${variant}`

export const playIn = (word: string): Play => {
  const [name = "", asked] = word.split(":")
  const variant = variantNames.find((one) => one === asked)
  if (!isPairName(name) || variant === undefined) throw new Error(`no such program: ${word}`)
  return { name, variant }
}
