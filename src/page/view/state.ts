import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { ExchangeDetail, ExchangeId, ExchangeRow, FindingKind, Snapshot } from "../snapshot.ts"
import { type Choice, nothingChosen } from "./choice.ts"

/** Counts of what is held, to which the reader wants to see the difference. */
export interface HeldMark {
  readonly at: Micros
  readonly counts: ReadonlyMap<string, number>
}

/** The exchange that was shown when its server restarted. The new server does not know it. */
export interface OldExchange {
  readonly id: ExchangeId
  /** When it was like that. */
  readonly at: Micros
  readonly row: ExchangeRow | undefined
  readonly findings: ReadonlyArray<FindingKind>
}

/** All that the page is drawn from. */
export interface PageState {
  readonly snapshot: Snapshot
  readonly choice: Choice
  readonly details: ReadonlyMap<ExchangeId, ExchangeDetail>
  /** `live`: a server sends what changes. `frozen`: a file that stays as it is. */
  readonly mode: "live" | "frozen"
  readonly now: Micros
  /** Since when the page's own server has been silent. */
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
  readonly old: OldExchange | undefined
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
  old: undefined,
})

/** The shown exchange, if it is from before a restart of the server. */
export const shownOld = ({ old, choice }: PageState): OldExchange | undefined =>
  old !== undefined && old.id === choice.exchange ? old : undefined

/** Until when the exchange that is shown is known. */
export const shownUntil = (state: PageState): Micros => shownOld(state)?.at ?? state.now

/** The same page with the data of another server. Of the earlier server's data, the shown exchange stays. */
export const afterRestart = (state: PageState, snapshot: Snapshot): PageState => {
  const id = state.choice.exchange
  const detail = id === undefined ? undefined : state.details.get(id)
  const old: OldExchange | undefined = detail && {
    id: detail.id,
    at: state.lostAt ?? state.now,
    row: state.snapshot.rows.find((row) => row.id === detail.id),
    findings: state.snapshot.findings.filter(({ id }) => detail.kinds.includes(id)),
  }
  return {
    ...state,
    snapshot,
    details: new Map(detail === undefined ? [] : [[detail.id, detail]]),
    missing: new Set(),
    old: shownOld(state) ?? old,
  }
}

/**
 * A finding of its exchange, even if later runs do not have it: it was not taken back, and nobody accepted it.
 */
export const isOfExchange = ({ state, known }: FindingKind): boolean =>
  known === undefined && state !== "withdrawn"

/** A finding that stands: what a later run has not judged yet is not gone. */
export const isPresent = (kind: FindingKind): boolean => isOfExchange(kind) && kind.state !== "gone"

export const kindsById = ({
  findings,
}: Pick<Snapshot, "findings">): ReadonlyMap<string, FindingKind> =>
  new Map(findings.map((kind) => [kind.id, kind]))
