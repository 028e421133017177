import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { ExchangeDetail, ExchangeId, FindingKind, Snapshot } from "../snapshot.ts"
import { type Choice, nothingChosen } from "./choice.ts"

/** Counts of what is held, from which the reader wants to see the difference. */
export interface HeldMark {
  readonly at: Micros
  readonly counts: ReadonlyMap<string, number>
}

/** All that the page is drawn from. */
export interface PageState {
  readonly snapshot: Snapshot
  readonly choice: Choice
  readonly details: ReadonlyMap<ExchangeId, ExchangeDetail>
  /** `live`: a server sends what changes. `frozen`: a file that stays as it is. */
  readonly mode: "live" | "frozen"
  readonly now: Micros
  /** Since when the page's own server has not been heard. */
  readonly lostAt: Micros | undefined
  readonly paused: boolean
  /** What was opened in place: groups of repeated rows, by their keys. */
  readonly unfolded: ReadonlySet<string>
  /** Kinds of findings that the reader has opened. */
  readonly seen: ReadonlySet<string>
  readonly mark: HeldMark | undefined
  /** What ended before is not listed. */
  readonly clearedAt: Micros | undefined
  /** What is searched for within the exchange that is shown. */
  readonly within: string
  readonly keyboard: boolean
  /** Exchanges that are known not to be there any more. */
  readonly missing: ReadonlySet<ExchangeId>
}

export const stateOf = (
  snapshot: Snapshot,
  mode: PageState["mode"],
  details: Iterable<ExchangeDetail> = [],
): PageState => ({
  snapshot,
  choice: nothingChosen,
  details: new Map([...details].map((detail) => [detail.id, detail])),
  mode,
  now: snapshot.now,
  lostAt: undefined,
  paused: false,
  unfolded: new Set(),
  seen: new Set(),
  mark: undefined,
  clearedAt: undefined,
  within: "",
  keyboard: true,
  missing: new Set(),
})

/** A finding that stands: it was not taken back, is not gone, and nobody accepted it. */
export const isPresent = ({ state, known }: FindingKind): boolean =>
  known === undefined && (state === "found" || state === "still there")

export const kindsById = ({ findings }: Snapshot): ReadonlyMap<string, FindingKind> =>
  new Map(findings.map((kind) => [kind.id, kind]))
