import { counted } from "../../../otel/lifetimes/counted.ts"
import { formatMillis, millisBetween } from "../../../otel/lifetimes/time.ts"
import { type Markup, markup } from "../markup.ts"
import type { ExchangeRow, FindingKind } from "../snapshot.ts"
import { ageAt, rangeText, timeOfDay } from "./clock.ts"
import type { Entry, Repeats } from "./listing.ts"
import { runName } from "./run-name.ts"
import { stateWords } from "./signs.ts"
import { isOfExchange, type PageState } from "./state.ts"

export const haveServices = (rows: ReadonlyArray<ExchangeRow>): boolean =>
  rows.some(({ service }) => service !== rows[0]?.service)

/** What a row of the list is drawn from, besides the exchange. */
export interface RowContext {
  readonly kinds: ReadonlyMap<string, FindingKind>
  readonly now: number
  readonly selected: string | undefined
  readonly runs: PageState["snapshot"]["runs"]
  /** Whether rows say which service theirs is. */
  readonly hasServices: boolean
}

export const entryMarkup = (entry: Entry, context: RowContext): Markup => {
  if (entry.is === "row") return exchangeRow(entry.row, entry.within, context)
  if (entry.is === "run") return runLine(entry, context)
  return repeatsRow(entry.repeats, entry.unfolded, context)
}

const exchangeRow = (row: ExchangeRow, within: boolean, context: RowContext): Markup => {
  const kinds = row.kinds.flatMap((id) => context.kinds.get(id) ?? [])
  const present = kinds.filter(isOfExchange)
  const { name, sign, word } = stateWords(row, present)
  const isSelected = row.id === context.selected
  const open = row.state === "open"
  return markup`<li class="exchange ${name}${severityOf(present)}${within ? " within" : ""}" data-key="${row.id}"><a href="#/x/${row.id}"${
    isSelected ? current : undefined
  }><span class="time">${timeOfDay(row.startedAt, true)}</span> <span class="state"><b aria-hidden="true">${sign}</b> ${
    open && name === "found" ? "open, found" : word
  }${row.lastHeardAt === undefined ? undefined : markup` <span class="at">${timeOfDay(row.lastHeardAt)}</span>`}</span> <span class="route">${row.route}${context.hasServices ? markup` <small>${row.service}</small>` : undefined}</span> <span class="status${(row.status ?? 0) >= 500 ? " failed" : ""}">${
    row.status
  }</span> <span class="lasted">${lastedText(row, context.now)}</span> ${lane(row, context.now)} <span class="events">${
    row.events === undefined ? "" : counted(row.events, "event")
  }</span> <span class="ender">${enderText(row)}</span> <span class="rules">${rulesText(present)}</span></a></li>`
}

/** As a class of the style, behind another one. */
const severityOf = (kinds: ReadonlyArray<FindingKind>): string => {
  if (kinds.length === 0) return ""
  return kinds.some(({ severity }) => severity === "error") ? " error" : " warning"
}

const current = markup` aria-current="true"`

const enderText = ({ endedBy, state }: ExchangeRow): string =>
  endedBy ?? (state === "last heard" ? "program ended" : "")

const rulesText = (kinds: ReadonlyArray<FindingKind>): string =>
  [...new Set(kinds.map(({ rule }) => rule))].join(", ")

/** How long it took, or how long it has been open. */
export const lastedText = (row: ExchangeRow, now: number): string => {
  if (row.state === "open") return ageAt(now, row.startedAt)
  const end = row.endedAt ?? row.lastHeardAt
  return end === undefined ? "" : formatMillis(millisBetween(row.startedAt, end))
}

/** On one scale for all rows, from 0.1 ms to a day, so that no row moves when another one comes. */
const shares = (millis: number): number =>
  Math.min(1, Math.max(0.02, Math.log10(Math.max(1, millis * 10)) / Math.log10(864_000_000)))

const lane = (row: ExchangeRow, now: number): Markup => {
  const end = row.endedAt ?? row.lastHeardAt ?? now
  const width = `${Math.round(shares(millisBetween(row.startedAt, end)) * 100)}%`
  const last =
    row.state === "last heard"
      ? markup`<line class="unknown" x1="${width}" x2="100%" y1="50%" y2="50%"/>`
      : undefined
  return markup`<svg class="length" aria-hidden="true"><line x1="0" x2="${width}" y1="50%" y2="50%"/>${last}</svg>`
}

const repeatsRow = (
  { key, rows }: Repeats,
  unfolded: boolean,
  { hasServices }: RowContext,
): Markup => {
  const [first] = rows
  const times = rows.map(({ startedAt, endedAt = startedAt }) => millisBetween(startedAt, endedAt))
  const oldest = rows.at(-1) ?? first
  return markup`<li class="exchange ended repeats" data-key="${key}"><button type="button" class="fold" data-does="fold" data-fold="${key}" aria-expanded="${
    unfolded ? "true" : "false"
  }"><span class="time">${timeOfDay(oldest.startedAt)} –</span> <span class="state"><b aria-hidden="true">${unfolded ? "▾" : "▸"}</b> ×${rows.length}</span> <span class="route">${first.route}${hasServices ? markup` <small>${first.service}</small>` : undefined}</span> <span class="status">${first.status}</span> <span class="lasted">${rangeText(times)}</span> <span class="length"></span> <span class="events"></span> <span class="ender">${first.endedBy}</span> <span class="rules">${
    unfolded ? "fold" : "unfold"
  }</span></button></li>`
}

const runLine = (
  { key, line }: Extract<Entry, { readonly is: "run" }>,
  { runs }: RowContext,
): Markup => {
  const run = runs.find(({ number, service }) => number === line.run && service === line.service)
  const name = runName(runs, line.run)
  if (run?.name !== undefined) {
    return markup`<li class="run" data-key="${key}">above: ${name}, below: ${runName(runs, line.older)}</li>`
  }
  const parts = [
    run === undefined ? name : `${name} began at ${timeOfDay(run.beganAt)}`,
    run?.pid === undefined ? "" : `pid ${run.pid}`,
    line.service,
  ]
  return markup`<li class="run" data-key="${key}">${parts.filter((part) => part !== "").join(", ")}</li>`
}
