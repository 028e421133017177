import type { HeldLook, HeldPlaceRecord } from "../../otel/lifetimes/spans/held.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { HeldPlace } from "../page/snapshot.ts"

/** `watch` reports growth after so many increases in a row. */
const looksThatGrow = 5
const minute: Micros = 60_000_000
/** Reports come every second at most; a minute's worth is enough. */
const countsKept = 61
/** Senders choose places, so they could go on for ever. */
const mostPlaces = 1_000

interface Place {
  readonly record: HeldPlaceRecord
  count: number
  oldestAt: Micros
  /** How many increases in a row. */
  grown: number
  /** The reports of the last minute, the oldest first. */
  readonly counts: Array<{ readonly at: Micros; readonly count: number }>
}

/** What the running programs hold open, by the place in the code, and whether that grows. */
export class HeldPlaces<Program> {
  readonly #looks = new Map<Program, HeldLook>()
  #places = new Map<string, Place>()
  #rest = 0
  #shown: ReadonlyArray<HeldPlace> = []
  #shownRest = 0

  /** A program reports what it holds now. */
  look(program: Program, look: HeldLook): void {
    this.#looks.set(program, look)
    this.#count(look.at)
  }

  /** It holds nothing any more. */
  gone(program: Program, now: Micros): void {
    if (this.#looks.delete(program)) this.#count(now)
  }

  /** What is held at places that are not told apart. */
  get rest(): number {
    return this.#rest
  }

  /** The most first. */
  get all(): ReadonlyArray<HeldPlace> {
    return [...this.#places.values()]
      .sort((a, b) => b.count - a.count || a.oldestAt - b.oldestAt)
      .map(({ record: { kind, name, code }, count, oldestAt, grown, counts }) => ({
        kind,
        ...(name === undefined ? {} : { name }),
        ...(code === undefined ? {} : { place: code }),
        count,
        oldestAt,
        inLastMinute: count - (counts[0]?.count ?? count),
        grew: grown >= looksThatGrow,
      }))
  }

  /** What is held, if that has changed since the last call. */
  takeChanged(): ReadonlyArray<HeldPlace> | undefined {
    const all = this.all
    const shown = this.#shown
    const isSame =
      all.length === shown.length && all.every((place, at) => looksAs(place, shown[at]))
    if (isSame && this.#rest === this.#shownRest) return undefined
    this.#shown = all
    this.#shownRest = this.#rest
    return all
  }

  #count(now: Micros): void {
    const before = this.#places
    const places = new Map<string, Place>()
    this.#rest = 0
    for (const { at, places: told, rest } of this.#looks.values()) {
      this.#rest += rest
      for (const record of told) {
        if (places.size >= mostPlaces) this.#rest += record.count
        else add(places, record, at - record.oldest)
      }
    }
    for (const [key, place] of places) compare(place, before.get(key), now)
    this.#places = places
  }
}

/** Ages come as whole milliseconds before a report: the start moves a little each time. */
const sameMoment: Micros = 500_000

const looksAs = (place: HeldPlace, shown: HeldPlace | undefined): boolean => {
  if (shown === undefined || Math.abs(place.oldestAt - shown.oldestAt) > sameMoment) return false
  return JSON.stringify({ ...place, oldestAt: 0 }) === JSON.stringify({ ...shown, oldestAt: 0 })
}

const add = (places: Map<string, Place>, record: HeldPlaceRecord, oldestAt: Micros): void => {
  const { kind, name, code, count } = record
  const key = JSON.stringify([kind, code?.file === undefined ? name : "", code])
  const known = places.get(key)
  if (known === undefined) {
    places.set(key, { record, count, oldestAt, grown: 0, counts: [] })
    return
  }
  known.count += count
  known.oldestAt = Math.min(known.oldestAt, oldestAt)
}

/** A new place held nothing before. */
const compare = (place: Place, before: Place | undefined, now: Micros): void => {
  const { count, counts } = place
  place.grown = count > (before?.count ?? 0) ? (before?.grown ?? 0) + 1 : 0
  counts.push(...(before?.counts ?? [{ at: now, count: 0 }]), { at: now, count })
  while (counts.length > countsKept || (counts[1] !== undefined && now - counts[1].at >= minute)) {
    counts.shift()
  }
}
