import { type Finding, findingOf, type Match, maximumExamples } from "./finding.ts"
import type { JudgedExchange } from "./judge-trace.ts"

/** A finding with the exchange that its sentence is about. A finding about the program has none. */
export interface FindingWithExample {
  readonly finding: Finding
  readonly example: JudgedExchange | undefined
}

/** A match, and where it was found. */
export interface Sighting {
  readonly match: Match
  /** `undefined` if it is about the program. */
  readonly judged: JudgedExchange | undefined
  /** Which of the matches there it is. */
  readonly index: number
}

/** All matches of one kind of finding, of which only so many are kept. */
export class Sightings {
  readonly #most: number
  /** In the order of their exchanges. */
  readonly #earliest: Array<Sighting>
  #spokesman: Sighting
  #count = 1

  constructor(first: Sighting, most: number) {
    this.#most = most
    this.#earliest = [first]
    this.#spokesman = first
  }

  get count(): number {
    return this.#count
  }

  get first(): Sighting {
    return this.#earliest[0] ?? this.#spokesman
  }

  add(sighting: Sighting): void {
    this.#count += 1
    if (speaksBefore(sighting, this.#spokesman)) this.#spokesman = sighting
    const place = this.#placeOf(sighting)
    if (place >= this.#most) return
    this.#earliest.splice(place, 0, sighting)
    if (this.#earliest.length > this.#most) this.#earliest.pop()
  }

  /** Returns whether it was among those that are kept. */
  takeBack(sighting: Sighting): boolean {
    const place = this.#placeOf(sighting)
    const known = this.#earliest[place]
    if (known === undefined || compare(known, sighting) !== 0) return false
    this.#earliest.splice(place, 1)
    this.#count -= 1
    if (known === this.#spokesman) this.#spokesman = this.#findSpokesman()
    return true
  }

  finding(): FindingWithExample {
    const examples = this.#earliest.slice(0, maximumExamples).map(({ match }) => match)
    return {
      finding: findingOf(this.#spokesman.match, this.#count, examples),
      example: this.#spokesman.judged,
    }
  }

  /** The first place that is not before it. */
  #placeOf(sighting: Sighting): number {
    let [from, to] = [0, this.#earliest.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const other = this.#earliest[middle]
      if (other !== undefined && compare(other, sighting) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  #findSpokesman(): Sighting {
    const certain = this.#earliest.find(({ match }) => match.confidence === "certain")
    return certain ?? this.first
  }
}

export const byFirst = (a: Sightings, b: Sightings): number => compare(a.first, b.first)

const speaksBefore = (a: Sighting, b: Sighting): boolean =>
  a.match.confidence === b.match.confidence ? compare(a, b) < 0 : a.match.confidence === "certain"

/** By time, and by ids if times are equal. */
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
