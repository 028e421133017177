import { groupKey, type Match } from "../../otel/lifetimes/finding.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import { exchangeIdOf } from "../page/exchange-row.ts"
import { kindIdOf } from "../page/finding-kind.ts"
import type { ExchangeId, FindingKind, KindState } from "../page/snapshot.ts"

/** Senders choose names, so kinds could go on for ever. */
export const mostKinds = 1_000
const examplesKept = 5

/** The result of judging one trace. */
export interface FoundInTrace {
  readonly traceId: string
  readonly matches: ReadonlyArray<Match>
  /** The run of the program that each is about. */
  readonly runOf: (match: Match) => number
}

interface Kind {
  readonly id: string
  latest: Match
  count: number
  readonly firstAt: Micros
  lastAt: Micros
  readonly firstRun: number
  run: number
  /** It was last said to be gone. */
  isGone: boolean
  /** The run in which it was found again after that. */
  backIn: number | undefined
  /** The first examples, which the store keeps longest, and the latest, which the sentence is about. */
  examples: Array<ExchangeId>
  explainedBy: string | undefined
}

/** A finding of one trace. It is kept for each trace, its sentence and its evidence only for the kind. */
interface Found {
  readonly kind: Kind
  readonly exchange: ExchangeId
}

/** What the latest run of a service says about whether something is gone. */
export interface JudgedSince {
  /** The latest run of the service. */
  readonly run: number
  /** How many exchanges of the route that could have shown it were judged in that run. */
  readonly exchanges: number
}

/** All that has been found, by kind. A finding that a later judgement takes back stays, as withdrawn. */
export class FindingKinds {
  readonly #kinds = new Map<string, Kind>()
  /** What each trace had at its last judgement. */
  readonly #byTrace = new Map<string, ReadonlyMap<string, Found>>()
  #unlisted = 0
  #hasChanged = false

  /** How many findings are of kinds that are not listed, because there are too many. */
  get unlisted(): number {
    return this.#unlisted
  }

  /** Replaces what the trace had before. */
  judged({ traceId, matches, runOf }: FoundInTrace, at: Micros): void {
    const before = this.#byTrace.get(traceId) ?? none
    if (before.size + matches.length === 0) return
    this.#hasChanged = true
    const now = new Map(matches.map((match) => [keyOf(match), match]))
    for (const [key, found] of before) if (!now.has(key)) this.#takeBack(found, matches)
    const after = new Map<string, Found>()
    for (const [key, match] of now) {
      const known = before.get(key)
      if (known !== undefined) sayAgain(known.kind, match)
      const kind = known?.kind ?? this.#add(match, runOf(match), at)
      if (kind !== undefined)
        after.set(key, known ?? { kind, exchange: exchangeIdOf(match.exchange) })
    }
    if (after.size === 0) this.#byTrace.delete(traceId)
    else this.#byTrace.set(traceId, after)
  }

  /** Whether something was found in the trace when it was judged last. */
  hasFound(traceId: string): boolean {
    return this.#byTrace.has(traceId)
  }

  /** The kinds of what was found in the trace, as the store of traces knows them. */
  ofTrace(traceId: string): ReadonlySet<string> {
    const found = this.#byTrace.get(traceId) ?? none
    return new Set([...found.values()].map(({ kind }) => groupKey(kind.latest)))
  }

  /** Whether anything changed since the last call. */
  takeChanged(): boolean {
    const hasChanged = this.#hasChanged
    this.#hasChanged = false
    return hasChanged
  }

  /** The trace will not be judged again: what it had stays. */
  forget(traceId: string): void {
    this.#byTrace.delete(traceId)
  }

  /** Whether the page shows this exchange as an example. */
  isExample(id: ExchangeId, kinds: ReadonlyArray<string>): boolean {
    return kinds.some((kind) => this.#kinds.get(kind)?.examples.includes(id) === true)
  }

  /** Errors first, then the latest. What is gone now is back when it is found again. */
  all(
    judgedSince: (match: Match) => JudgedSince,
    knownReason: (match: Match) => string | undefined,
  ): ReadonlyArray<FindingKind> {
    return [...this.#kinds.values()]
      .sort(byWeight)
      .map((kind) => shown(kind, judgedSince(kind.latest), knownReason(kind.latest)))
  }

  /** Returns its kind, if that is listed. */
  #add(match: Match, run: number, now: Micros): Kind | undefined {
    const id = kindIdOf(match)
    const known = this.#kinds.get(id)
    if (known === undefined && this.#kinds.size >= mostKinds) {
      this.#unlisted += 1
      return undefined
    }
    const example = exchangeIdOf(match.exchange)
    if (known === undefined) {
      const kind: Kind = {
        id,
        latest: match,
        count: 1,
        firstAt: now,
        lastAt: now,
        firstRun: run,
        run,
        isGone: false,
        backIn: undefined,
        examples: [example],
        explainedBy: undefined,
      }
      this.#kinds.set(id, kind)
      return kind
    }
    known.latest = match
    known.count += 1
    known.lastAt = now
    known.run = Math.max(known.run, run)
    if (known.isGone) known.backIn = known.run
    known.isGone = false
    known.explainedBy = undefined
    // One that was taken back stays only until another one is found.
    const others = known.count > 1 ? known.examples.filter((it) => it !== example) : []
    known.examples = [...others.slice(0, examplesKept - 1), example]
    return known
  }

  #takeBack({ kind, exchange: id }: Found, instead: ReadonlyArray<Match>): void {
    kind.count -= 1
    // The last example stays: the sentence is about it.
    if (kind.count > 0) kind.examples = kind.examples.filter((it) => it !== id)
    kind.explainedBy = instead.find(({ exchange }) => exchangeIdOf(exchange) === id)?.rule
  }
}

/** Its sentence may contain other times. */
const sayAgain = (kind: Kind, match: Match): void => {
  if (keyOf(kind.latest) === keyOf(match)) kind.latest = match
}

const none: ReadonlyMap<string, Found> = new Map()

const keyOf = (match: Match): string =>
  `${kindIdOf(match)} ${exchangeIdOf(match.exchange)} ${match.spanIds[0] ?? ""}`

/** What was taken back comes last. */
const byWeight = (a: Kind, b: Kind): number =>
  Number(a.count <= 0) - Number(b.count <= 0) ||
  Number(b.latest.severity === "error") - Number(a.latest.severity === "error") ||
  b.lastAt - a.lastAt

const shown = (kind: Kind, since: JudgedSince, known: string | undefined): FindingKind => {
  const { id, latest, count, firstAt, lastAt, run, examples, explainedBy } = kind
  const state = stateOf(kind, since)
  kind.isGone ||= state === "gone"
  const { rule, severity, confidence, message, service, route, operation } = latest
  const { code, evidence, suggestion } = latest
  return {
    id,
    rule,
    severity,
    confidence,
    message,
    service,
    route,
    operation,
    ...(code === undefined ? {} : { place: code }),
    evidence,
    suggestion,
    count,
    firstAt,
    lastAt,
    run,
    examples: examples.toReversed(),
    state,
    ...(count > 0 || explainedBy === undefined ? {} : { explainedBy }),
    ...(run < since.run ? { judgedSince: since.exchanges } : {}),
    ...(known === undefined ? {} : { known }),
  }
}

const stateOf = ({ count, run, firstRun, backIn }: Kind, since: JudgedSince): KindState => {
  if (count <= 0) return "withdrawn"
  if (run >= since.run) return backIn === run ? "back" : firstRun < run ? "still there" : "found"
  return since.exchanges > 0 ? "gone" : "not judged yet"
}
