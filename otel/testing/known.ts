import type { Match } from "../lifetimes/finding.ts"
import type { RuleName } from "../lifetimes/registry.ts"

/** What is known and accepted: everything that all of what is given here is true of. */
export interface KnownProblem {
  /** Of findings of this rule; without it of what is left open, too. */
  readonly rule?: RuleName
  /** Of lifetimes of this name, as `bus` of `subscription bus`. */
  readonly name?: string
}

/** Whether a finding is accepted; `names` are those of the lifetimes that it is about. */
export const isKnownFinding = (
  known: ReadonlyArray<KnownProblem>,
  { rule }: Match,
  names: ReadonlyArray<string>,
): boolean =>
  known.some(
    (it) =>
      (it.rule === undefined || it.rule === rule) &&
      (it.name === undefined || names.includes(it.name)) &&
      !isEmpty(it),
  )

/** Whether a lifetime of that name may be left open. */
export const isKnownLeftover = (known: ReadonlyArray<KnownProblem>, name: string): boolean =>
  known.some((it) => it.rule === undefined && it.name === name)

const isEmpty = ({ rule, name }: KnownProblem): boolean => rule === undefined && name === undefined
