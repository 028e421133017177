import { groupKey, type Match, maximumExamples } from "../../../otel/lifetimes/finding.ts"
import { byStart } from "../../../otel/lifetimes/from-spans.ts"
import type { JudgedExchange, JudgedTrace } from "../../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../../otel/lifetimes/model.ts"
import { withoutMarkers } from "../../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { Trace } from "../../../otel/lifetimes/trace.ts"

/** A trace that is kept to be drawn. */
export interface KeptTrace {
  readonly traceId: string
  /** Each once, in order of time. What markers say is in the spans that they stand for. */
  readonly spans: ReadonlyArray<Span>
  readonly exchanges: ReadonlyArray<JudgedExchange>
}

interface KeepingLimits {
  /** How many for each finding, and for each route without one. */
  readonly examples: number
  readonly traces: number
  readonly spans: number
  /** As they were written. */
  readonly bytes: number
}

const keepingLimits: KeepingLimits = {
  examples: maximumExamples,
  traces: 1_000,
  spans: 20_000,
  bytes: 16 * 1024 * 1024,
}

/** Why a trace is worth keeping, the most telling reason first. */
const worth = { certain: 0, likely: 1, stream: 2, ended: 3, open: 4, spans: 5 } as const

/** Compared from left to right; ids decide if times are equal. */
type Rank = readonly [worth: number, startedAt: Micros, traceId: string]

interface Candidate {
  readonly trace: KeptTrace
  readonly bytes: number
  readonly leftOut: number
  /** What it stands for. */
  readonly keys: Set<string>
  /** The best of its claims; `undefined` if that has to be found again. */
  best: PlacedRank | undefined
}

/** A trace that stands for a finding, for a route, or for those without an exchange. */
interface Claim {
  readonly rank: Rank
  readonly candidate: Candidate
}

/**
 * The few traces that are worth looking at, of all that are judged: examples of each finding, then ended
 * exchanges of each route without a finding, preferably streams, then traces without an exchange. If there is
 * no room for all, the first example of each is dropped last.
 */
export class KeptTraces {
  readonly #limits: KeepingLimits
  /** The best claims first. */
  readonly #claims = new Map<string, ReadonlyArray<Claim>>()
  readonly #candidates = new Set<Candidate>()
  #spans = 0
  #bytes = 0
  /** The best claim that was dropped for lack of room: nothing worth less is accepted after that. */
  #bar: PlacedRank | undefined

  constructor(limits: Partial<KeepingLimits> = {}) {
    this.#limits = { ...keepingLimits, ...limits }
  }

  /** In order of time. */
  get traces(): ReadonlyArray<KeptTrace> {
    return Array.from(this.#candidates, ({ trace }) => trace).sort(
      (a, b) => startOf(a.spans) - startOf(b.spans) || compareText(a.traceId, b.traceId),
    )
  }

  /** How many spans of these traces are missing, because there were too many. */
  get leftOut(): number {
    return [...this.#candidates].reduce((sum, { leftOut }) => sum + leftOut, 0)
  }

  add(trace: Trace, judged: JudgedTrace, bytes: number): void {
    const won = [...claimsOf(trace, judged)].filter(([key, rank]) => this.#isWanted(key, rank))
    if (won.length === 0) return
    const candidate = candidateOf(trace, judged, bytes, this.#limits.spans)
    this.#candidates.add(candidate)
    this.#spans += candidate.trace.spans.length
    this.#bytes += bytes
    for (const [key, rank] of won) this.#enter(key, { rank, candidate })
    while (this.#isFull()) this.#letGo()
  }

  #isWanted(key: string, rank: Rank): boolean {
    const place = placeOf(this.#claims.get(key) ?? none, rank)
    if (place >= this.#limits.examples) return false
    return this.#bar === undefined || comparePlaced([place, rank], this.#bar) < 0
  }

  #enter(key: string, claim: Claim): void {
    const known = this.#claims.get(key) ?? none
    const claims = known.toSpliced(placeOf(known, claim.rank), 0, claim)
    claim.candidate.keys.add(key)
    this.#set(key, claims.slice(0, this.#limits.examples))
    for (const { candidate } of claims.slice(this.#limits.examples)) {
      candidate.keys.delete(key)
      candidate.best = undefined
      if (candidate.keys.size === 0) this.#remove(candidate)
    }
  }

  /** Their places may be others now. */
  #set(key: string, claims: ReadonlyArray<Claim>): void {
    for (const { candidate } of claims) candidate.best = undefined
    if (claims.length === 0) this.#claims.delete(key)
    else this.#claims.set(key, claims)
  }

  #remove(candidate: Candidate): void {
    this.#candidates.delete(candidate)
    this.#spans -= candidate.trace.spans.length
    this.#bytes -= candidate.bytes
  }

  #isFull(): boolean {
    const { traces, spans, bytes } = this.#limits
    if (this.#candidates.size <= 1) return false
    return this.#candidates.size > traces || this.#spans > spans || this.#bytes > bytes
  }

  /** The trace whose best claim is worth least. */
  #letGo(): void {
    let least: Candidate | undefined
    let bar: PlacedRank | undefined
    for (const candidate of this.#candidates) {
      const best = this.#bestOf(candidate)
      if (best === undefined || (bar !== undefined && comparePlaced(best, bar) < 0)) continue
      least = candidate
      bar = best
    }
    if (least === undefined) return
    this.#bar = bar
    for (const key of least.keys) {
      const claims = this.#claims.get(key) ?? none
      this.#set(
        key,
        claims.filter(({ candidate }) => candidate !== least),
      )
    }
    this.#remove(least)
  }

  #bestOf(candidate: Candidate): PlacedRank | undefined {
    if (candidate.best !== undefined) return candidate.best
    for (const key of candidate.keys) {
      const claims = this.#claims.get(key) ?? none
      const place = claims.findIndex((claim) => claim.candidate === candidate)
      const rank = claims[place]?.rank
      if (rank === undefined) continue
      const { best } = candidate
      if (best === undefined || comparePlaced([place, rank], best) < 0) {
        candidate.best = [place, rank]
      }
    }
    return candidate.best
  }
}

const none: ReadonlyArray<Claim> = []

/** Which example of its finding or of its route it is, from 0, and its rank among those. */
type PlacedRank = readonly [place: number, rank: Rank]

const comparePlaced = ([place, rank]: PlacedRank, [other, otherRank]: PlacedRank): number =>
  Math.min(1, place) - Math.min(1, other) ||
  rank[0] - otherRank[0] ||
  place - other ||
  compareRank(rank, otherRank)

const placeOf = (claims: ReadonlyArray<Claim>, rank: Rank): number =>
  claims.filter((claim) => compareRank(claim.rank, rank) < 0).length

/** What a trace could stand for, with its rank there. */
const claimsOf = (trace: Trace, { exchanges, program }: JudgedTrace): ReadonlyMap<string, Rank> => {
  const claims = new Map<string, Rank>()
  const claim = (key: string, rank: Rank) => {
    const known = claims.get(key)
    if (known === undefined || compareRank(rank, known) < 0) claims.set(key, rank)
  }
  const claimMatch = (match: Match, startedAt: Micros) =>
    claim(groupKey(match), [worth[match.confidence], startedAt, match.exchange.traceId])
  for (const match of program) claimMatch(match, 0)
  for (const { exchange, matches } of exchanges) {
    const { startedAt, span, service, route } = exchange
    for (const match of matches) claimMatch(match, startedAt)
    if (matches.length > 0) continue
    claim(JSON.stringify([service, route]), [worth[worthOf(exchange)], startedAt, span.traceId])
  }
  if (claims.size > 0) return claims
  for (const { traceId, startedAt } of trace.values()) {
    claim("", [worth.spans, startedAt, traceId])
  }
  return claims
}

const worthOf = ({ endedAt, streams, contentType }: Exchange): keyof typeof worth => {
  if (endedAt === undefined) return "open"
  return streams.length > 0 || contentType?.startsWith("text/event-stream") ? "stream" : "ended"
}

const compareRank = (a: Rank, b: Rank): number =>
  a[0] - b[0] || a[1] - b[1] || compareText(a[2], b[2])

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const candidateOf = (
  trace: Trace,
  { exchanges, program }: JudgedTrace,
  bytes: number,
  most: number,
): Candidate => {
  const all = withoutMarkers(trace)
  const spans = all.length > most ? foremost(all, exchanges, program, most) : [...all]
  spans.sort(byStart)
  const shown = new Set(spans.map(({ spanId }) => spanId))
  const [{ traceId } = { traceId: "" }] = spans
  return {
    trace: {
      traceId,
      spans,
      exchanges:
        spans.length === all.length
          ? exchanges
          : exchanges.filter(({ exchange }) => shown.has(exchange.span.spanId)),
    },
    bytes,
    leftOut: all.length - spans.length,
    keys: new Set(),
    best: undefined,
  }
}

/** First the spans that findings mention, then those that came first. */
const foremost = (
  spans: ReadonlyArray<Span>,
  exchanges: ReadonlyArray<JudgedExchange>,
  program: ReadonlyArray<Match>,
  most: number,
): Array<Span> => {
  const matches = [...program, ...exchanges.flatMap((judged) => judged.matches)]
  const named = new Set(matches.flatMap((match) => [match.exchange.spanId, ...match.spanIds]))
  return spans
    .toSorted(
      (a, b) =>
        Number(named.has(b.spanId)) - Number(named.has(a.spanId)) || a.startedAt - b.startedAt,
    )
    .slice(0, most)
}

const startOf = ([first]: ReadonlyArray<Span>): Micros => first?.startedAt ?? 0
