import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { Match } from "../lifetimes/finding.ts"
import { judge, judgeProgram } from "../lifetimes/judge.ts"
import type { JudgedExchange } from "../lifetimes/judge-trace.ts"
import type { FindingWithExample } from "../lifetimes/sightings.ts"
import { Tally } from "../lifetimes/tally.ts"
import type { Micros } from "../lifetimes/time.ts"
import { clientOf } from "./client.ts"
import { isKnownFinding, isKnownLeftover, type KnownProblem } from "./known.ts"
import { type LeftFiber, type Leftover, lifetimesLeft } from "./leftover.ts"
import type { ObservedProgram } from "./observed-program.ts"

/** What there is to report about a guarded program; nothing about a healthy one. */
export interface GuardVerdict {
  readonly findings: ReadonlyArray<FindingWithExample>
  readonly leftovers: ReadonlyArray<Leftover>
}

/** Judges for the last time, when everything has been waited for. */
export const verdictOf = (
  observed: ObservedProgram,
  fibers: ReadonlyArray<LeftFiber>,
  grace: Micros,
  known: ReadonlyArray<KnownProblem>,
): GuardVerdict => {
  const exchanges = observed.exchanges.map((exchange) => judgeExchange(observed, exchange, grace))
  const program = programMatches(observed, grace)
  const matches = [...exchanges.flatMap((judged) => judged.matches), ...program]
  const told = new Set(matches.flatMap(({ spanIds }) => spanIds))
  const toldFibers = new Set(matches.map(({ evidence }) => evidence["fiber.id"]))
  const accepted = (match: Match, judged?: JudgedExchange) =>
    isKnownFinding(known, match, namesOf(match, judged))
  const tally = new Tally()
  tally.add(0, {
    exchanges: exchanges.map((judged) => ({
      ...judged,
      matches: judged.matches.filter((match) => !accepted(match, judged)),
    })),
    program: program.filter((match) => !accepted(match)),
    unplaced: [],
    notSent: [],
    folded: 0,
    pending: new Set(),
    again: undefined,
  })
  return {
    findings: tally.findings(),
    leftovers: [
      ...lifetimesLeft(observed, told),
      ...fibers.filter(({ id }) => !toldFibers.has(id)).map(({ leftover }) => leftover),
    ].filter(({ name }) => !isKnownLeftover(known, name)),
  }
}

const judgeExchange = (
  { clients, now }: ObservedProgram,
  record: ExchangeRecord,
  grace: Micros,
): JudgedExchange => {
  const exchange = { ...record, client: clientOf(record, clients) }
  return { exchange, matches: judge(exchange, { now, grace, final: true }).matches }
}

const programMatches = (
  { registries, cutOff }: ObservedProgram,
  grace: Micros,
): ReadonlyArray<Match> => {
  const orphans = registries
    .flatMap((registry) => [...registry.orphans])
    .flatMap(({ match }) => match ?? [])
  if (cutOff === undefined) return orphans
  const program = { service: "", endedAt: cutOff.closedAt, orphans: [], cutOff }
  return [...orphans, ...judgeProgram(program, { now: cutOff.closedAt, grace, final: true })]
}

/** The lifetimes that a finding is about: those that it names, and the one in the name of its operation. */
const namesOf = (
  { operation, spanIds, stream }: Match,
  judged?: JudgedExchange,
): ReadonlyArray<string> => {
  const all =
    judged === undefined
      ? []
      : [
          ...judged.exchange.scopes,
          ...judged.exchange.subscriptions,
          ...judged.exchange.streams,
          ...judged.exchange.finalizers,
        ]
  const about = all.filter(({ span }) => span.spanId === stream || spanIds.includes(span.spanId))
  return [...about.map(({ name }) => name), operation, operation.replace(/^\S+ /, "")]
}
