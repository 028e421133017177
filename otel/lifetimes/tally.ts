import { counted } from "./counted.ts"
import { type Finding, findingOf, groupKey, type Match, maximumExamples } from "./finding.ts"
import type { JudgedExchange, JudgedTrace } from "./judge-trace.ts"
import { NameCounts } from "./name-counts.ts"
import { StockExchanges } from "./stock-exchanges.ts"

/** Whoever sends spans chooses names, so kinds of findings could go on for ever. */
export const mostKinds = 1_000

/** A finding with the exchange that its sentence is about; one about the program has none. */
export interface FindingWithExample {
  readonly finding: Finding
  readonly example: JudgedExchange | undefined
}

interface Sighting {
  readonly match: Match
  readonly judged: JudgedExchange | undefined
  /** Which of the matches it is. */
  readonly index: number
}

interface Kind {
  count: number
  /** The first ones, in the order of their exchanges. */
  readonly earliest: Array<Sighting>
  spokesman: Sighting
}

/**
 * Counts what was judged, one trace after the other, and folds matches into findings without keeping
 * the traces. In whatever order traces come, the outcome is that of their exchanges' order in time.
 */
export class Tally {
  #traces = 0
  #spans = 0
  #judged = 0
  #open = 0
  #openUnjudged = 0
  #unlisted = 0
  readonly #unplaced = new NameCounts()
  readonly #notSent = new NameCounts()
  readonly #stock = new StockExchanges()
  readonly #kinds = new Map<string, Kind>()

  add(spans: number, { exchanges, program, unplaced, notSent, folded }: JudgedTrace): void {
    this.#traces += 1
    this.#spans += spans - folded
    for (const judged of exchanges) {
      if (judged.exchange.endedAt !== undefined) {
        this.#judged += 1
        this.#stock.add(judged.exchange)
      } else {
        this.#open += 1
        if (judged.matches.length === 0) this.#openUnjudged += 1
      }
      judged.matches.forEach((match, index) => {
        this.#count({ match, judged, index })
      })
    }
    for (const name of unplaced) this.#unplaced.add(name)
    for (const traceId of notSent) this.#notSent.add(traceId)
    program.forEach((match, index) => {
      this.#count({ match, judged: undefined, index })
    })
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
    const kinds = [...this.#kinds.values()].sort((a, b) => firstOf(a, b))
    return kinds.map(({ count, earliest, spokesman }) => ({
      finding: findingOf(
        spokesman.match,
        count,
        earliest.map(({ match }) => match),
      ),
      example: spokesman.judged,
    }))
  }

  #count(sighting: Sighting): void {
    const key = groupKey(sighting.match)
    const kind = this.#kinds.get(key)
    if (kind !== undefined) addTo(kind, sighting)
    else if (this.#kinds.size >= mostKinds) this.#unlisted += 1
    else this.#kinds.set(key, { count: 1, earliest: [sighting], spokesman: sighting })
  }
}

const addTo = (kind: Kind, sighting: Sighting): void => {
  kind.count += 1
  if (speaksBefore(sighting, kind.spokesman)) kind.spokesman = sighting
  const { earliest } = kind
  const last = earliest.at(-1)
  if (earliest.length === maximumExamples && last !== undefined && compare(sighting, last) > 0) {
    return
  }
  const position = earliest.findIndex((other) => compare(sighting, other) < 0)
  earliest.splice(position === -1 ? earliest.length : position, 0, sighting)
  earliest.length = Math.min(earliest.length, maximumExamples)
}

const speaksBefore = (a: Sighting, b: Sighting): boolean =>
  a.match.confidence === b.match.confidence ? compare(a, b) < 0 : a.match.confidence === "certain"

/** By time, and by ids where times are the same. */
const compare = (a: Sighting, b: Sighting): number => {
  const [one, other] = [a.match.exchange, b.match.exchange]
  return (
    startOf(a) - startOf(b) ||
    compareText(one.traceId, other.traceId) ||
    compareText(one.spanId, other.spanId) ||
    a.index - b.index
  )
}

/** What is about the program comes before all exchanges. */
const startOf = ({ judged }: Sighting): number => judged?.exchange.startedAt ?? 0

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const firstOf = (a: Kind, b: Kind): number => {
  const [one, other] = [a.earliest[0], b.earliest[0]]
  return one === undefined || other === undefined ? 0 : compare(one, other)
}

const unjudged = (exchanges: number, open: number): ReadonlyArray<string> => {
  const notes: Array<string> = []
  if (exchanges === 0) {
    notes.push(
      "No server span was found (kind server, with http.route or url.path): no exchange could be " +
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
