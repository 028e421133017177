import { codeBehind, codeOfProgram } from "./code-behind.ts"
import type { Match } from "./finding.ts"
import type { Exchange, Program } from "./model.ts"
import { rules, silences } from "./registry.ts"
import { type Moment, NotYet, type Rule, type RuleHit, sooner } from "./rule.ts"
import type { Micros } from "./time.ts"

export interface Judgement {
  readonly matches: ReadonlyArray<Match>
  /** A rule could not tell yet; ask again. */
  readonly pending: boolean
  /** When to ask again at the latest; `undefined` where only a change can bring news. */
  readonly again: Micros | undefined
}

/** What all rules say of one exchange at one moment, each bug named once by its deepest rule. */
export const judge = (exchange: Exchange, moment: Moment): Judgement => {
  let matches: ReadonlyArray<Match> = none
  let pending: NotYet | undefined
  for (const rule of rules) {
    const verdict = rule.judge(exchange, moment)
    if (verdict instanceof NotYet) pending = sooner(pending, verdict)
    else if (verdict.length > 0) {
      matches = [...matches, ...verdict.map((held) => matchOf(rule, exchange, held))]
    }
  }
  return {
    matches: matches.length === 0 ? none : withoutSilenced(matches, exchange),
    pending: pending !== undefined,
    again: pending?.again,
  }
}

const none: ReadonlyArray<never> = []

const matchOf = (rule: Rule, exchange: Exchange, held: RuleHit): Match => ({
  rule: rule.name,
  severity: rule.severity,
  suggestion: rule.suggestion,
  service: exchange.service,
  route: exchange.route,
  exchange: exchange.span,
  code: codeBehind(held.evidence, held.spanIds, exchange),
  ...held,
})

/** One bug is one finding: those that a deeper one explains are left out. */
export const withoutSilenced = (
  matches: ReadonlyArray<Match>,
  exchange: Exchange,
): ReadonlyArray<Match> => matches.filter((match) => !isSilenced(match, matches, exchange))

const isSilenced = (match: Match, matches: ReadonlyArray<Match>, exchange: Exchange): boolean =>
  silences.some(
    ({ silent, because, where }) =>
      silent === match.rule &&
      matches.some(
        (other) =>
          other.rule !== silent &&
          because.some((it) => it === other.rule) &&
          where(match, other, exchange),
      ),
  )

/** What the rules say of a program that has stopped, apart from its exchanges. */
export const judgeProgram = (program: Program, moment: Moment): ReadonlyArray<Match> =>
  rules.flatMap((rule) => {
    const verdict = rule.judgeProgram?.(program, moment) ?? []
    if (verdict instanceof NotYet) return []
    return verdict.map((held) => ({
      rule: rule.name,
      severity: rule.severity,
      suggestion: rule.suggestion,
      service: program.service,
      route: "",
      exchange: spanOf(program, held),
      code: codeOfProgram(held.evidence, held.spanIds, program.orphans),
      ...held,
    }))
  })

/** A finding about the program has no exchange: it names the first lifetime that it is about. */
const spanOf = ({ orphans, cutOff }: Program, { spanIds: [first = ""] }: RuleHit) =>
  [...orphans, ...(cutOff?.spans ?? [])].find(({ span }) => span.spanId === first)?.span ?? {
    traceId: "",
    spanId: first,
  }
