import { groupKey, type Match } from "../../../otel/lifetimes/finding.ts"
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
  /** Each once, in order of time; what markers tell is in the spans that they stand for. */
  readonly spans: ReadonlyArray<Span>
  readonly exchanges: ReadonlyArray<JudgedExchange>
}

interface KeepingLimits {
  readonly traces: number
  readonly spans: number
  /** As they were written. */
  readonly bytes: number
}

const keepingLimits: KeepingLimits = {
  traces: 20,
  spans: 20_000,
  bytes: 16 * 1024 * 1024,
}

/** What a trace is worth keeping for, the most telling first. */
const worth = { certain: 0, likely: 1, stream: 2, ended: 3, open: 4, spans: 5 } as const

/** Compared from left to right; ids decide where times are the same. */
type Rank = readonly [worth: number, startedAt: Micros, traceId: string]

interface Candidate {
  readonly trace: KeptTrace
  readonly bytes: number
  readonly leftOut: number
}

/** The trace that stands for a finding, for a route, or for itself. */
interface Claim {
  readonly rank: Rank
  readonly candidate: Candidate
}

/**
 * Of all traces that are judged those few that are worth looking at: an example of each finding, then
 * of each route the first exchange that has ended, rather one that streams, then what has no exchange
 * at all.
 */
export class KeptTraces {
  readonly #limits: KeepingLimits
  readonly #claims = new Map<string, Claim>()

  constructor(limits: Partial<KeepingLimits> = {}) {
    this.#limits = { ...keepingLimits, ...limits }
  }

  /** In order of time. */
  get traces(): ReadonlyArray<KeptTrace> {
    return this.#candidates()
      .map(({ trace }) => trace)
      .sort((a, b) => startOf(a.spans) - startOf(b.spans) || compareText(a.traceId, b.traceId))
  }

  /** How many spans of these traces are not among theirs, because there were too many. */
  get leftOut(): number {
    return this.#candidates().reduce((sum, { leftOut }) => sum + leftOut, 0)
  }

  add(trace: Trace, judged: JudgedTrace, bytes: number): void {
    const won = [...claimsOf(trace, judged)].filter(([key, rank]) => this.#isBetter(key, rank))
    if (won.length === 0) return
    const candidate = candidateOf(trace, judged, bytes, this.#limits.spans)
    for (const [key, rank] of won) this.#claims.set(key, { rank, candidate })
    this.#makeRoom()
  }

  #isBetter(key: string, rank: Rank): boolean {
    const known = this.#claims.get(key)
    return known === undefined || compareRank(rank, known.rank) < 0
  }

  #candidates(): Array<Candidate> {
    return [...new Set(Array.from(this.#claims.values(), ({ candidate }) => candidate))]
  }

  #makeRoom(): void {
    for (;;) {
      const kept = this.#candidates()
      const [spans, bytes] = kept.reduce<readonly [number, number]>(
        ([spans, bytes], it) => [spans + it.trace.spans.length, bytes + it.bytes],
        [0, 0],
      )
      const { traces, spans: mostSpans, bytes: mostBytes } = this.#limits
      if (kept.length <= traces && spans <= mostSpans && bytes <= mostBytes) return
      if (kept.length <= 1) return
      this.#letGo()
    }
  }

  /** The trace whose best claim is worth least. */
  #letGo(): void {
    const best = new Map<Candidate, Rank>()
    for (const { rank, candidate } of this.#claims.values()) {
      const known = best.get(candidate)
      if (known === undefined || compareRank(rank, known) < 0) best.set(candidate, rank)
    }
    const [least] = [...best].reduce((a, b) => (compareRank(a[1], b[1]) > 0 ? a : b))
    for (const [key, { candidate }] of this.#claims) {
      if (candidate === least) this.#claims.delete(key)
    }
  }
}

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
    claim(JSON.stringify([service, route]), [worth[worthOf(exchange)], startedAt, span.traceId])
  }
  if (claims.size > 0) return claims
  for (const { traceId, startedAt } of trace.values()) {
    claim(traceId, [worth.spans, startedAt, traceId])
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
  }
}

/** The spans that findings speak of, then those that came first. */
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
