import { type Finding, groupKey, type Match } from "../../otel/lifetimes/finding.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { ExchangeId, FindingKind } from "./snapshot.ts"

/** Names the kind of a finding: the same for the same rule, service, route and operation, wherever it is found. */
export const kindIdOf = (finding: Parameters<typeof groupKey>[0]): string =>
  `${finding.rule}-${shortHash(groupKey(finding))}`

/** A finding that is no longer watched: of a recording, or of a finished run. */
export const kindOfFinding = (
  finding: Finding,
  examples: ReadonlyArray<ExchangeId>,
  at: Micros,
): FindingKind => {
  const { rule, severity, confidence, message, service, route, operation } = finding
  const { code, evidence, suggestion, count } = finding
  return {
    id: kindIdOf(finding),
    ...{ rule, severity, confidence, message, service, route, operation, evidence, suggestion },
    ...(code === undefined ? {} : { place: code }),
    count,
    firstAt: at,
    lastAt: at,
    run: 1,
    examples,
    state: "found",
  }
}

/** Those of all findings about one exchange, in their order. */
export const kindIdsOf = (matches: ReadonlyArray<Match>): ReadonlyArray<string> =>
  matches.length === 0 ? none : [...new Set(matches.map(kindIdOf))]

const none: ReadonlyArray<never> = []

/**
 * Two numbers of 32 bits that each depend on every character. It does not protect against someone who looks for
 * collisions.
 */
const shortHash = (text: string): string => {
  let one = 0xdeadbeef
  let other = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    one = Math.imul(one ^ code, 2654435761)
    other = Math.imul(other ^ code, 1597334677)
  }
  return [one, other].map((part) => (part >>> 0).toString(36)).join("")
}
