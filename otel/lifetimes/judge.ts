import type { Match } from "./finding.ts"
import type { Exchange } from "./model.ts"
import { rules, silencedByAnyOther } from "./registry.ts"
import { type Moment, notYet } from "./rule.ts"

export interface Judgement {
  readonly matches: ReadonlyArray<Match>
  /** A rule could not tell yet; ask again. */
  readonly pending: boolean
}

/** What all rules say of one exchange at one moment, each bug named once by its deepest rule. */
export const judge = (exchange: Exchange, moment: Moment): Judgement => {
  const matches: Array<Match> = []
  let pending = false
  for (const rule of rules) {
    const verdict = rule.judge(exchange, moment)
    if (verdict === notYet) {
      pending = true
      continue
    }
    for (const held of verdict) {
      matches.push({
        rule: rule.name,
        severity: rule.severity,
        suggestion: rule.suggestion,
        service: exchange.service,
        route: exchange.route,
        exchange: exchange.span,
        ...held,
      })
    }
  }
  return { matches: matches.filter((match) => !isSilenced(match, matches)), pending }
}

const isSilenced = (match: Match, matches: ReadonlyArray<Match>): boolean =>
  silencedByAnyOther.has(match.rule) &&
  match.consumer !== undefined &&
  matches.some((other) => other.rule !== match.rule && other.consumer === match.consumer)
