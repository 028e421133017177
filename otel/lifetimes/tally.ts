import { counted } from "./counted.ts"
import { groupKey, maximumExamples } from "./finding.ts"
import type { JudgedTrace } from "./judge-trace.ts"
import type { Exchange } from "./model.ts"
import { NameCounts } from "./name-counts.ts"
import { byFirst, type FindingWithExample, type Sighting, Sightings } from "./sightings.ts"
import { StockExchanges } from "./stock-exchanges.ts"

/** Senders of spans choose names, so there could be any number of kinds of findings. */
export const mostKinds = 1_000

export interface TallyOptions {
  /**
   * Whether what was added may be taken back: then all matches are kept, and otherwise the first of each kind.
   */
  readonly takesBack?: boolean
}

/**
 * Counts what was judged, one trace after the other, and merges matches into findings without keeping the
 * traces. The result does not depend on the order in which traces come.
 */
export class Tally {
  readonly #mostSightings: number
  #traces = 0
  #spans = 0
  #judged = 0
  #open = 0
  #openUnjudged = 0
  #unlisted = 0
  readonly #unplaced = new NameCounts()
  readonly #notSent = new NameCounts()
  readonly #stock = new StockExchanges()
  readonly #kinds = new Map<string, Sightings>()

  constructor({ takesBack = false }: TallyOptions = {}) {
    this.#mostSightings = takesBack ? Number.POSITIVE_INFINITY : maximumExamples
  }

  /** What was judged of a trace of so many spans. */
  add(spans: number, judged: JudgedTrace): void {
    this.#countTrace(spans, judged, 1)
    for (const { exchange } of judged.exchanges) if (hasEnded(exchange)) this.#stock.add(exchange)
    for (const name of judged.unplaced) this.#unplaced.add(name)
    for (const traceId of judged.notSent) this.#notSent.add(traceId)
    for (const sighting of sightingsIn(judged)) this.#addSighting(sighting)
  }

  /**
   * Removes a trace that was added, because it is judged again or dropped. Needs a tally that can take back.
   */
  takeBack(spans: number, judged: JudgedTrace): void {
    this.#countTrace(spans, judged, -1)
    for (const { exchange } of judged.exchanges)
      if (hasEnded(exchange)) this.#stock.takeBack(exchange)
    for (const name of judged.unplaced) this.#unplaced.takeBack(name)
    for (const traceId of judged.notSent) this.#notSent.takeBack(traceId)
    for (const sighting of sightingsIn(judged)) this.#takeSightingBack(sighting)
  }

  get traces(): number {
    return this.#traces
  }

  get spans(): number {
    return this.#spans
  }

  get exchangesJudged(): number {
    return this.#judged
  }

  get exchangesOpen(): number {
    return this.#open
  }

  /** What could not be judged or is not listed, in sentences. */
  notes(): ReadonlyArray<string> {
    return [
      ...unjudged(this.#judged + this.#open, this.#openUnjudged),
      ...this.#stock.note(),
      ...unplaced(this.#unplaced),
      ...notSent(this.#notSent),
      ...(this.#unlisted === 0
        ? []
        : [
            `There are more than ${mostKinds} kinds of findings: ${this.#unlisted} matches of other ` +
              "kinds are not listed.",
          ]),
    ]
  }

  findings(): ReadonlyArray<FindingWithExample> {
    return [...this.#kinds.values()].sort(byFirst).map((kind) => kind.finding())
  }

  #countTrace(spans: number, { exchanges, folded }: JudgedTrace, by: 1 | -1): void {
    this.#traces += by
    this.#spans += by * (spans - folded)
    for (const { exchange, matches } of exchanges) {
      if (hasEnded(exchange)) this.#judged += by
      else this.#open += by
      if (!hasEnded(exchange) && matches.length === 0) this.#openUnjudged += by
    }
  }

  #addSighting(sighting: Sighting): void {
    const key = groupKey(sighting.match)
    const kind = this.#kinds.get(key)
    if (kind !== undefined) kind.add(sighting)
    else if (this.#kinds.size >= mostKinds) this.#unlisted += 1
    else this.#kinds.set(key, new Sightings(sighting, this.#mostSightings))
  }

  #takeSightingBack(sighting: Sighting): void {
    const key = groupKey(sighting.match)
    const kind = this.#kinds.get(key)
    if (kind === undefined || !kind.takeBack(sighting)) this.#unlisted -= 1
    else if (kind.count === 0) this.#kinds.delete(key)
  }
}

const hasEnded = ({ endedAt }: Exchange): boolean => endedAt !== undefined

const sightingsIn = ({ exchanges, program }: JudgedTrace): ReadonlyArray<Sighting> => [
  ...exchanges.flatMap((judged) =>
    judged.matches.map((match, index) => ({ match, judged, index })),
  ),
  ...program.map((match, index) => ({ match, judged: undefined, index })),
]

const unjudged = (exchanges: number, open: number): ReadonlyArray<string> => {
  const notes: Array<string> = []
  if (exchanges === 0) {
    notes.push(
      "No server span was found (kind server, with http.route, url.path, http.target or http.url): no exchange could be " +
        "judged. This says nothing about the health of the service.",
    )
  }
  if (open > 0) {
    const had = counted(open, "exchange had", "exchanges had")
    notes.push(`${had} not ended when the spans were taken and could not be judged.`)
  }
  return notes
}

const unplaced = (names: NameCounts): ReadonlyArray<string> => {
  if (names.total === 0) return []
  const spans = counted(names.total, "span hangs", "spans hang")
  return [
    `${spans} under a span that had not come: ${names.text()}. Requests among them were not judged.`,
  ]
}

const notSent = (traces: NameCounts): ReadonlyArray<string> => {
  if (traces.total === 0) return []
  const spans = counted(traces.total, "span names", "spans name")
  return [
    `${spans} a trace that had not been sent by then: ${traces.text()}. The sampler of the ` +
      "program may have left it out.",
  ]
}
