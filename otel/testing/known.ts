import type { Match } from "../lifetimes/finding.ts"
import type { RuleName } from "../lifetimes/registry.ts"

/** Known and accepted problems: everything that matches all of the given fields. */
export interface KnownProblem {
  /** Findings of this rule. Without it, also what is left open. */
  readonly rule?: RuleName
  /** Lifetimes with this name, such as `bus` for `subscription bus`. */
  readonly name?: string
}

/** Whether a finding is accepted; `names` are the names of the lifetimes that it is about. */
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
