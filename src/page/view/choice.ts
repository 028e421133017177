import type { ExchangeId } from "../snapshot.ts"

export const chips = ["open", "found", "streams"] as const

export type Chip = (typeof chips)[number]

export const orders = ["time", "age", "lasted", "events"] as const

export type Order = (typeof orders)[number]

/** A part of the time axis, in milliseconds since the exchange began. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

/** What the reader of a page chose to see. The address of the page contains all of it. */
export interface Choice {
  /** The exchange that is shown with all its details. */
  readonly exchange: ExchangeId | undefined
  /** Each of its words must stand in what is listed. */
  readonly query: string
  readonly only: ReadonlyArray<Chip>
  readonly run: number | undefined
  readonly route: string | undefined
  readonly order: Order
  readonly window: TimeWindow | undefined
  /** The span of the bar that is selected. */
  readonly span: string | undefined
}

export const nothingChosen: Choice = {
  exchange: undefined,
  query: "",
  only: [],
  run: undefined,
  route: undefined,
  order: "time",
  window: undefined,
  span: undefined,
}

const exchangePath = /^\/x\/([0-9a-f]{1,64}\.[0-9a-f]{1,32})$/

/** `#/x/TRACE.SPAN?q=event&only=open,found&run=2&at=0-2.5ms`. Unknown parts are ignored. */
export const choiceOf = (fragment: string): Choice => {
  const [path = "", search = ""] = fragment.replace(/^#/, "").split("?", 2)
  const given = new URLSearchParams(search)
  const only = (given.get("only") ?? "").split(",")
  const order = given.get("order")
  const run = Number(given.get("run") ?? Number.NaN)
  return {
    exchange: isExchangeId(exchangePath.exec(path)?.[1]),
    query: given.get("q") ?? "",
    only: chips.filter((chip) => only.includes(chip)),
    run: Number.isInteger(run) ? run : undefined,
    route: given.get("route") ?? undefined,
    order: orders.find((it) => it === order) ?? "time",
    window: windowOf(given.get("at")),
    span: /^[0-9a-f]{1,32}$/.exec(given.get("span") ?? "")?.[0],
  }
}

const isExchangeId = (text: string | undefined): ExchangeId | undefined => {
  const [trace, span] = text?.split(".") ?? []
  return trace === undefined || span === undefined ? undefined : `${trace}.${span}`
}

const windowOf = (text: string | null): TimeWindow | undefined => {
  const [, from, to] = /^(-?[\d.]+)-(-?[\d.]+)ms$/.exec(text ?? "") ?? []
  const window = { from: Number(from), to: Number(to) }
  return Number.isFinite(window.from) && window.to > window.from ? window : undefined
}

/** The fragment that `choiceOf` reads back. */
export const fragmentOf = (choice: Choice): string => {
  const { exchange, query, only, run, route, order, window, span } = choice
  const parts = [
    ...(query === "" ? [] : [`q=${encodeURIComponent(query)}`]),
    ...(only.length === 0 ? [] : [`only=${only.join(",")}`]),
    ...(run === undefined ? [] : [`run=${run}`]),
    ...(route === undefined ? [] : [`route=${encodeURIComponent(route)}`]),
    ...(order === "time" ? [] : [`order=${order}`]),
    ...(window === undefined ? [] : [`at=${short(window.from)}-${short(window.to)}ms`]),
    ...(span === undefined ? [] : [`span=${span}`]),
  ]
  const path = exchange === undefined ? "/" : `/x/${exchange}`
  return `#${path}${parts.length === 0 ? "" : `?${parts.join("&")}`}`
}

const short = (millis: number): number => Number(millis.toFixed(4))
