import { groupKey, type Match } from "../../otel/lifetimes/finding.ts"

/** Names the kind of a finding: the same for the same rule, service, route and operation, wherever it is found. */
export const kindIdOf = (match: Match): string => `${match.rule}-${shortHash(groupKey(match))}`

/** Those of all findings about one exchange, in their order. */
export const kindIdsOf = (matches: ReadonlyArray<Match>): ReadonlyArray<string> =>
  matches.length === 0 ? none : [...new Set(matches.map(kindIdOf))]

const none: ReadonlyArray<never> = []

/** Two numbers of 32 bits that each depend on every character; not against who looks for two of one hash. */
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
