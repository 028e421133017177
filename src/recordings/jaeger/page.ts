import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { withoutSlash } from "../../../otel/export/address.ts"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import type { TraceFilter } from "./search.ts"

/** What an address of Jaeger's UI, or of a trace in its API, shows. */
export interface JaegerPage {
  /** Where Jaeger itself is. */
  readonly address: string
  /** As they stand there, valid or not. */
  readonly traceIds: ReadonlyArray<string>
  readonly search: JaegerSearch | undefined
}

/** A search, as the form beside the list of traces describes it. */
export interface JaegerSearch {
  readonly service: string | undefined
  /** Microseconds back from now. */
  readonly lookback: Micros | undefined
  /** Set if the lookback is `custom`. */
  readonly from: Micros | undefined
  readonly to: Micros | undefined
  readonly filter: TraceFilter
}

const tracePage = /^(.*)\/(?:trace|api\/v3\/traces)\/([^/]+)\/?$/
const searchPage = /^(.*)\/search\/?$/

export const pageAt = (url: URL): JaegerPage => {
  const [, above, shown] = tracePage.exec(url.pathname) ?? []
  if (above !== undefined && shown !== undefined) {
    return { address: within(url, above), traceIds: shown.split("..."), search: undefined }
  }
  const [, below] = searchPage.exec(url.pathname) ?? []
  return {
    address: within(url, below ?? url.pathname),
    traceIds: [],
    search: below === undefined ? undefined : searchIn(url.searchParams),
  }
}

/** The addresses of both traces that a comparison shows; `undefined` for another page. */
export const comparedAt = (address: string): readonly [string, string] | undefined => {
  if (!URL.canParse(address)) return undefined
  const page = pageAt(new URL(address))
  const [before, after, ...more] = page.traceIds
  if (before === undefined || after === undefined || more.length > 0) return undefined
  return [`${page.address}/trace/${before}`, `${page.address}/trace/${after}`]
}

const within = ({ origin }: URL, path: string): string => withoutSlash(origin + path)

const searchIn = (query: URLSearchParams): JaegerSearch => ({
  service: textOf(query, "service"),
  lookback: lookbackOf(textOf(query, "lookback")),
  from: countOf(query, "start"),
  to: countOf(query, "end"),
  filter: {
    operation: textOf(query, "operation"),
    attributes: attributesOf(query),
    durationMin: textOf(query, "minDuration"),
    durationMax: textOf(query, "maxDuration"),
    most: countOf(query, "limit"),
  },
})

/** The form writes `all` for an open field. */
const textOf = (query: URLSearchParams, name: string): string | undefined => {
  const value = query.get(name)?.trim()
  return value === undefined || value === "" || value === "all" ? undefined : value
}

const countOf = (query: URLSearchParams, name: string): number | undefined => {
  const value = Number(query.get(name) ?? Number.NaN)
  return Number.isSafeInteger(value) && value > 0 ? value : undefined
}

const units: Readonly<Record<string, Micros>> = {
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86_400e6,
  w: 604_800e6,
}

const lookbackOf = (text = ""): Micros | undefined => {
  const [, count, unit = ""] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  const size = units[unit]
  return size === undefined ? undefined : Number(count) * size
}

const Tags = Schema.fromJsonString(Schema.Record(Schema.String, Schema.String))

/** As one JSON object; older versions write each as `key:value`. */
const attributesOf = (query: URLSearchParams): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(query.getAll("tag").map((tag) => tag.split(/:(.*)/s, 2))),
  ...Option.getOrUndefined(Schema.decodeOption(Tags)(query.get("tags") ?? "{}")),
})
