import { codeBehind, codeOfProgram } from "./code-behind.ts"
import { contradictsItself } from "./contradiction.ts"
import type { Match } from "./finding.ts"
import { handledIn } from "./handled-in.ts"
import type { Exchange, OrphanFiber, Program } from "./model.ts"
import { rules, silences } from "./registry.ts"
import { type Moment, NotYet, type Rule, type RuleHit, sooner } from "./rule.ts"
import type { SpanReference } from "./span.ts"
import type { Micros } from "./time.ts"
import { isUneventful } from "./uneventful.ts"

export interface Judgement {
  readonly matches: ReadonlyArray<Match>
  /** A rule could not tell yet; ask again. */
  readonly pending: boolean
  /** When to ask again at the latest; `undefined` if only a change can bring news. */
  readonly again: Micros | undefined
}

/** What all rules say about one exchange at one moment. The deepest rule names each bug, once. */
export const judge = (exchange: Exchange, moment: Moment): Judgement => {
  if (isUneventful(exchange, moment.grace)) return nothing
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
    matches: matches.length === 0 ? none : asSure(withoutSilenced(matches, exchange), exchange),
    pending: pending !== undefined,
    again: pending?.again,
  }
}

const none: ReadonlyArray<never> = []

const nothing: Judgement = { matches: none, pending: false, again: undefined }

/** Nothing about an exchange is certain if its recording contradicts itself. */
const asSure = (matches: ReadonlyArray<Match>, exchange: Exchange): ReadonlyArray<Match> =>
  contradictsItself(exchange)
    ? matches.map((match) => ({ ...match, confidence: "likely" }))
    : matches

const matchOf = (rule: Rule, exchange: Exchange, { isForHandler, ...held }: RuleHit): Match => ({
  rule: rule.name,
  severity: rule.severity,
  suggestion: rule.suggestion,
  service: exchange.service,
  route: exchange.route,
  exchange: exchange.span,
  code:
    codeBehind(held.evidence, held.spanIds, exchange) ??
    (isForHandler ? handledIn(exchange) : undefined),
  ...held,
})

/** One bug is one finding: findings that a deeper one explains are left out. */
export const withoutSilenced = (
  matches: ReadonlyArray<Match>,
  exchange: Exchange,
): ReadonlyArray<Match> => {
  if (matches.length < 2) return matches
  const isSilenced = silencesAmong(matches, exchange)
  return matches.filter((match) => !isSilenced.some((silenced) => silenced(match)))
}

/** Two rules may have thousands of matches, so the speaking ones are read once, and not for each silent one. */
const silencesAmong = (matches: ReadonlyArray<Match>, exchange: Exchange) => {
  const byRule = Map.groupBy(matches, ({ rule }) => rule)
  return silences.flatMap(({ silent, because, where }) => {
    if (!byRule.has(silent)) return []
    const speaking = because.flatMap((rule) => byRule.get(rule) ?? [])
    if (speaking.length === 0) return []
    const isExplained = where(speaking, exchange)
    return [(match: Match) => match.rule === silent && isExplained(match)]
  })
}

/** What the rules say of a program that has stopped, apart from its exchanges. */
export const judgeProgram = (program: Program, moment: Moment): ReadonlyArray<Match> => {
  const orphans = new Map(program.orphans.map((fiber) => [fiber.span.spanId, fiber]))
  return rules.flatMap((rule) => {
    const verdict = rule.judgeProgram?.(program, moment) ?? []
    if (verdict instanceof NotYet) return []
    return verdict.map((held) => ({
      rule: rule.name,
      severity: rule.severity,
      suggestion: rule.suggestion,
      service: program.service,
      route: "",
      exchange: spanOf(program, orphans, held),
      code: codeOfProgram(
        held.evidence,
        held.spanIds.flatMap((spanId) => orphans.get(spanId) ?? []),
      ),
      ...held,
    }))
  })
}

/** A finding about the program has no exchange: it names the first lifetime that it is about. */
const spanOf = (
  { cutOff }: Program,
  orphans: ReadonlyMap<string, OrphanFiber>,
  { spanIds: [first = ""] }: RuleHit,
): SpanReference =>
  orphans.get(first)?.span ??
  cutOff?.spans.find(({ span }) => span.spanId === first)?.span ?? { traceId: "", spanId: first }
