import type { ExchangeRow, FindingKind } from "../snapshot.ts"
import type { Chip, Choice, Order } from "./choice.ts"

/** Consecutive exchanges of one route with nothing to see in them. */
export interface Repeats {
  readonly key: string
  /** In the order of the list. */
  readonly rows: readonly [ExchangeRow, ...ReadonlyArray<ExchangeRow>]
}

/** Where another run of a program begins in the list. */
interface RunLine {
  readonly service: string
  readonly run: number
  /** That of the rows below. */
  readonly older: number
}

export type Entry =
  | {
      readonly is: "row"
      readonly key: string
      readonly row: ExchangeRow
      readonly within: boolean
    }
  | {
      readonly is: "repeats"
      readonly key: string
      readonly repeats: Repeats
      readonly unfolded: boolean
    }
  | { readonly is: "run"; readonly key: string; readonly line: RunLine }

/** Fewer are quicker read one by one. */
const fewestRepeats = 5

type Kinds = ReadonlyMap<string, FindingKind>

const allows: Readonly<Record<Chip, (row: ExchangeRow) => boolean>> = {
  open: ({ state }) => state === "open",
  found: ({ kinds }) => kinds.length > 0,
  streams: ({ isStream }) => isStream,
}

/** A test for rows that match the reader's choice. */
export const chosen = (choice: Choice, kinds: Kinds): ((row: ExchangeRow) => boolean) => {
  const words = choice.query.toLowerCase().split(/\s+/).filter(Boolean)
  const holds = (row: ExchangeRow, word: string) =>
    row.route.toLowerCase().includes(word) ||
    row.id.includes(word) ||
    row.words.includes(word) ||
    row.attributes?.includes(word) === true ||
    row.kinds.some((id) => (kinds.get(id)?.rule ?? "").includes(word))
  return (row) =>
    choice.only.every((chip) => allows[chip](row)) &&
    (choice.run === undefined || row.run === choice.run) &&
    (choice.route === undefined || row.route === choice.route) &&
    words.every((word) => holds(row, word))
}

const lastedOf = ({ startedAt, endedAt, lastHeardAt }: ExchangeRow, now: number): number =>
  (endedAt ?? lastHeardAt ?? now) - startedAt

const compare: Readonly<
  Record<Order, (now: number) => (a: ExchangeRow, b: ExchangeRow) => number>
> = {
  time: () => (a, b) => b.startedAt - a.startedAt,
  age: () => (a, b) =>
    Number(b.state === "open") - Number(a.state === "open") || a.startedAt - b.startedAt,
  lasted: (now) => (a, b) => lastedOf(b, now) - lastedOf(a, now),
  events: () => (a, b) => (b.events ?? -1) - (a.events ?? -1),
}

/** The rows that match the reader's choice, in the chosen order. */
export const listed = (
  rows: ReadonlyArray<ExchangeRow>,
  choice: Choice,
  kinds: Kinds,
  now: number,
): ReadonlyArray<ExchangeRow> =>
  rows.filter(chosen(choice, kinds)).toSorted(compare[choice.order](now))

/** The rows with repetitions in one entry, and a line where a run begins. */
export const entriesOf = (
  rows: ReadonlyArray<ExchangeRow>,
  order: Order,
  unfolded: ReadonlySet<string>,
): ReadonlyArray<Entry> => {
  if (order !== "time") return rows.map((row) => entryOf(row, false))
  const entries: Array<Entry> = []
  let at = 0
  while (at < rows.length) {
    const group = repeatsFrom(rows, at)
    const [first] = group
    if (first === undefined) break
    const before = rows[at - 1]
    if (before !== undefined && (before.run !== first.run || before.service !== first.service)) {
      const later = entries.some(({ is, key }) => is === "run" && key === runKey(before))
      if (!later && before.service === first.service) {
        entries.push({
          is: "run",
          key: runKey(before),
          line: { service: before.service, run: before.run, older: first.run },
        })
      }
    }
    if (group.length >= fewestRepeats) {
      const key = `repeats ${group.at(-1)?.id}`
      const open = unfolded.has(key)
      entries.push({
        is: "repeats",
        key,
        repeats: { key, rows: [first, ...group.slice(1)] },
        unfolded: open,
      })
      if (open) entries.push(...group.map((row) => entryOf(row, true)))
    } else entries.push(...group.map((row) => entryOf(row, false)))
    at += group.length
  }
  return entries
}

const entryOf = (row: ExchangeRow, within: boolean): Entry => ({
  is: "row",
  key: row.id,
  row,
  within,
})

const runKey = ({ service, run }: ExchangeRow): string => `run ${run} ${service}`

const isPlain = ({ state, kinds, isStream }: ExchangeRow): boolean =>
  state === "ended" && kinds.length === 0 && !isStream

const repeatsFrom = (rows: ReadonlyArray<ExchangeRow>, at: number): ReadonlyArray<ExchangeRow> => {
  const first = rows[at]
  if (first === undefined) return []
  if (!isPlain(first)) return [first]
  let end = at + 1
  for (let row = rows[end]; row !== undefined && isAlike(first, row); row = rows[end]) end += 1
  return rows.slice(at, end)
}

const isAlike = (a: ExchangeRow, b: ExchangeRow): boolean =>
  isPlain(b) &&
  a.route === b.route &&
  a.service === b.service &&
  a.run === b.run &&
  a.status === b.status &&
  a.endedBy === b.endedBy
