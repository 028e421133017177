import { pack } from "./packed.ts"
import type { ExchangeDetail, ExchangeId, Snapshot } from "./snapshot.ts"

/** A page from which a file is made. */
export interface Freezable {
  readonly snapshot: Snapshot
  /** An exchange with all its details; `undefined` if that is not known any more. */
  readonly detail: (id: ExchangeId) => Promise<ExchangeDetail | undefined>
}

/** What a file holds. */
export interface Frozen {
  readonly snapshot: Snapshot
  readonly details: ReadonlyArray<ExchangeDetail>
}

/** To find out what is known of more takes too long. */
const mostDetails = 1_000
/** How many of each route without a finding come before the others. */
const ofRoute = 3
/** Nothing is less. */
const smallest = 500
/** So many that are too large may come before a smaller one. */
const mostMisses = 20

/**
 * What fits into so many characters of a file: the list, and the most telling exchanges. The file says what was
 * left out.
 */
export const frozenWithin = async (page: Freezable, room: number): Promise<Frozen> => {
  const { snapshot, size } = await listedWithin(page.snapshot, room / 2)
  const listed = new Set<string>(snapshot.rows.map(({ id }) => id))
  const details: Array<ExchangeDetail> = []
  let left = room - size
  let [whole, drawn, misses] = [0, 0, 0]
  for (const id of foremost(snapshot)) {
    if (details.length >= mostDetails || left < smallest || misses >= mostMisses) break
    const detail = await page.detail(id)
    if (detail === undefined) continue
    const kept = await smaller(detail, left)
    if (kept === undefined) misses += 1
    else {
      details.push(kept.detail)
      left -= kept.size
      if (listed.has(id) && kept.detail === detail) whole += 1
      else if (kept.detail !== detail) drawn += 1
    }
  }
  const notes = [
    ...findingsLeftOut(page.snapshot.findings.length, snapshot.findings.length),
    ...leftOut(page.snapshot.rows.length, snapshot.rows.length, whole, drawn),
  ]
  return { snapshot: { ...snapshot, notes: [...snapshot.notes, ...notes] }, details }
}

const findingsLeftOut = (all: number, kept: number) =>
  kept === all ? [] : [`${kept} of ${all} kinds of findings are in this file.`]

const leftOut = (all: number, listed: number, whole: number, drawn: number) => [
  ...(listed === all ? [] : [`${listed} of ${all} exchanges are listed in this file.`]),
  ...(whole === listed
    ? []
    : [
        `${whole} of ${listed} listed exchanges are kept whole in this file, those with a problem first` +
          `${drawn === 0 ? "" : `, and ${drawn} without their spans`}.`,
      ]),
]

const packedSize = async (content: Snapshot | ExchangeDetail): Promise<number> =>
  (await pack(JSON.stringify(content))).length

/** The exchange as far as there is room: without its spans it can still be drawn. */
const smaller = async (whole: ExchangeDetail, room: number) => {
  for (const detail of whole.spans.length === 0 ? [whole] : [whole, { ...whole, spans: [] }]) {
    const size = await packedSize(detail)
    if (size <= room) return { detail, size }
  }
  return undefined
}

/** Drops the less telling half of the rows until the rest fits; findings only if they alone do not fit. */
const listedWithin = async (snapshot: Snapshot, room: number) => {
  let listed = await foundWithin(snapshot, room)
  let size = await packedSize(listed)
  while (size > room && listed.rows.length > 0) {
    const kept = new Set<string>(foremost(listed).slice(0, listed.rows.length / 2))
    listed = { ...listed, rows: listed.rows.filter(({ id }) => kept.has(id)) }
    size = await packedSize(listed)
  }
  return { snapshot: listed, size }
}

/** Nobody reads further, and senders choose names. */
const longestText = 4_000

const cutTexts = (snapshot: Snapshot): Snapshot =>
  JSON.parse(JSON.stringify(snapshot), (_, value: unknown) =>
    typeof value === "string" && value.length > longestText
      ? `${value.slice(0, longestText - 1)}…`
      : value,
  )

const foundWithin = async (whole: Snapshot, room: number): Promise<Snapshot> => {
  const snapshot = cutTexts(whole)
  let { findings } = snapshot
  while (
    findings.length > 1 &&
    (await packedSize({ ...snapshot, findings, rows: [] })) > room / 2
  ) {
    findings = findings.slice(0, findings.length / 2)
  }
  return { ...snapshot, findings }
}

/**
 * What is drawn and an example of each finding, then the other examples, what is open, and the latest exchange
 * of each route.
 */
const foremost = ({ findings, rows, drawings = [] }: Snapshot): ReadonlyArray<ExchangeId> => {
  const drawn = drawings.flatMap(({ panels }) => panels.map(({ id }) => id))
  const first = findings.flatMap(({ examples: [example] }) => example ?? [])
  const others = findings.flatMap(({ examples: [, ...examples] }) => examples)
  const open = rows.filter(({ endedAt }) => endedAt === undefined).map(({ id }) => id)
  const routes = Map.groupBy(rows, ({ service, route }) => JSON.stringify([service, route]))
  const healthy = Array.from({ length: ofRoute }, (_, at) =>
    [...routes.values()].flatMap((all) => all[at]?.id ?? []),
  ).flat()
  const rest = rows.map(({ id }) => id)
  return [...new Set([...drawn, ...first, ...others, ...open, ...healthy, ...rest])]
}
