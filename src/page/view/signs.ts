/** A sign stands beside each colour, and a word beside each sign. */
import type { ExchangeRow, FindingKind } from "../snapshot.ts"

export const severitySigns = { error: "✕", warning: "▲" } as const

/** For findings; one that needs no action has a separate sign. */
export const findingSign = ({ severity, known }: FindingKind, isPresent: boolean): string => {
  if (isPresent) return severitySigns[severity]
  return known === undefined ? "✓" : "○"
}

export interface StateWords {
  /** Also a class of the style. */
  readonly name: "open" | "heard" | "found" | "ended"
  readonly sign: string
  readonly word: string
}

/** The state of an exchange, in a word; `kinds` are those that are about it. */
export const stateWords = (
  { state }: ExchangeRow,
  kinds: ReadonlyArray<FindingKind>,
): StateWords => {
  if (state === "last heard") return { name: "heard", sign: "◐", word: "last heard" }
  if (kinds.length > 0) return { name: "found", sign: severitySign(kinds), word: "found" }
  return state === "open"
    ? { name: "open", sign: "●", word: "open" }
    : { name: "ended", sign: "✓", word: "ended" }
}

const severitySign = (kinds: ReadonlyArray<FindingKind>): string =>
  kinds.some(({ severity }) => severity === "error") ? severitySigns.error : severitySigns.warning
