import { counted, plural } from "../../../otel/lifetimes/counted.ts"
import { placeText } from "../../../otel/lifetimes/place-text.ts"
import { formatMillis, type Micros, millisBetween } from "../../../otel/lifetimes/time.ts"
import { whereFound } from "../../../otel/lifetimes/where-found.ts"
import { wrap } from "../../../otel/timeline/columns.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { ExchangeRow, FindingKind, HeldPlace, Snapshot } from "../../page/snapshot.ts"
import { withShortPaths } from "../../page/view/code-place.ts"
import { heldWhat } from "../../page/view/held-list.ts"
import type { News } from "../../watch/news.ts"

const prefix = "scopeline  "
const indent = " ".repeat(prefix.length)

export interface TextOptions {
  /** The address of the page. */
  readonly page: string
  readonly width: number
  /** Paths below it are shown from there. */
  readonly directory: string
}

/** What is news, for people: a line each, and below a finding its sentence and its address. */
export const newsText = (news: News, options: TextOptions): string => {
  const [first, ...more] = linesOf(news, options)
  return [`${prefix}${clockText(news.at)}  ${first}`, ...more.map((line) => indent + line)].join(
    "\n",
  )
}

const linesOf = (news: News, options: TextOptions): ReadonlyArray<string> => {
  switch (news.news) {
    case "exchange": {
      const layer = news.hasLayer
        ? "Its scopes and streams are seen."
        : "Only its server span came: what happens inside is not seen."
      return [`first exchange: ${namesOf([news.service, news.route])}. ${layer}`]
    }
    case "finding":
      return findingLines(news.finding, options)
    case "withdrawn": {
      const { rule, route, explainedBy } = news.finding
      const why = explainedBy === undefined ? "" : `: explained by ${explainedBy}`
      return [`${namesOf([rule, route])} is withdrawn${why}.`]
    }
    case "gone": {
      const { rule, route, judgedSince = 0 } = news.finding
      return [
        `✓ ${printable(rule)} is gone: ${counted(judgedSince, "exchange")} of ${printable(route)} judged.`,
      ]
    }
    case "still there":
      return [namedLine(news.finding, "is still there")]
    case "back":
      return [namedLine(news.finding, "is back")]
    case "run": {
      const { number, service, pid } = news.run
      return [`run ${number} of ${printable(service)}${pid === undefined ? "" : ` (pid ${pid})`}`]
    }
    case "silent":
      return [
        `nothing is heard of ${printable(news.service)} since ${clockText(news.lastHeardAt)}: it is gone, or stuck.`,
      ]
    case "held":
      return [heldText(news.place, news.at, options)]
  }
}

const namedLine = (finding: FindingKind, what: string): string =>
  `${signOf(finding)} ${namesOf([finding.rule, finding.route])} ${what}.`

const findingLines = (finding: FindingKind, options: TextOptions) => {
  const { page, width, directory } = options
  const { rule, confidence, place, message, examples, known } = finding
  const where = place === undefined ? [] : [`${shortPlace(place, directory)}`]
  const [example] = examples
  return [
    [`${signOf(finding)} ${printable(rule)}`, confidence, ...namesIn(whereFound(finding))].join(
      " · ",
    ) + where.map((text) => `  ${text}`).join(""),
    ...wrap(printable(withShortPaths(message, options)), Math.max(40, width - indent.length)),
    ...(known === undefined ? [] : [`known: ${printable(known)}`]),
    ...(example === undefined ? [] : [`${page}/#/x/${example}`]),
  ]
}

const heldText = (held: HeldPlace, at: Micros, { directory }: TextOptions): string => {
  const { place, count, oldestAt } = held
  const where = place === undefined ? "" : ` at ${shortPlace(place, directory)}`
  const what = printable(heldWhat(held), longestName)
  const age = formatMillis(millisBetween(oldestAt, at))
  return `held: ${count} ${what}${where}, oldest ${age}, grew 5 times in a row`
}

const signOf = ({ severity }: FindingKind): string => (severity === "error" ? "✕" : "▲")

const longestName = 200

const namesIn = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name) => name !== "").map((name) => printable(name, longestName))

const namesOf = (names: ReadonlyArray<string>): string => namesIn(names).join(", ")

const shortPlace = (place: NonNullable<FindingKind["place"]>, directory: string): string => {
  const text = printable(placeText({ ...place, function: printable(place.function, longestName) }))
  return text.replace(`${directory}/`, "")
}

/** The time of day here, as `14:03:59`. */
const clockText = (time: Micros): string => new Date(time / 1000).toTimeString().slice(0, 8)

/** What is watched, and where it is shown. */
export interface WatchedPlaces {
  readonly title: string
  readonly pid: number | undefined
  /** The address of the page. */
  readonly page: string
  /** Where spans are taken. */
  readonly otlp: string
}

export const startText = ({ title, pid, page, otlp }: WatchedPlaces): string =>
  `${prefix}${printable(title)}${pid === undefined ? "" : ` (pid ${pid})`}   page ${page}   OTLP ${otlp}`

/** Whose end is waited for after the first Ctrl-C, and what keeps it. */
export const waitingText = (
  title: string,
  pid: number | undefined,
  open: ReadonlyArray<Pick<ExchangeRow, "route">>,
): string => {
  const program = `${printable(title, longestName)}${pid === undefined ? "" : ` (pid ${pid})`}`
  const routes = [...Map.groupBy(open, ({ route }) => route)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([route, { length }]) => `${printable(route, longestName)} ×${length}`)
  const shown = routes.slice(0, mostRoutes)
  const more = routes.length - shown.length
  const keeps = [...shown, ...(more > 0 ? [counted(more, "other route")] : [])].join(", ")
  const why =
    open.length === 0
      ? "."
      : `: ${counted(open.length, "exchange")} ${plural(open.length, "is", "are")} open (${keeps}).`
  return `${prefix}Waiting for ${program} to end${why}\n${indent}Ctrl-C again kills it.`
}

const mostRoutes = 5

/** What was seen from the start to the end; the verdict last, which a small screen still shows. */
export const endText = (
  snapshot: Snapshot,
  forMillis: number,
  exit: ProgramEnd | undefined,
): ReadonlyArray<string> => [
  ...snapshot.notes.map((note) => prefix + printable(note)),
  ...(exit === undefined || exit.wasAsked
    ? isAnySeen(snapshot)
      ? []
      : [unseenRequests]
    : [prefix + exitText(exit.code, snapshot)]),
  prefix + endSentence(snapshot, forMillis),
]

/** Whoever runs Effects behind another server cannot see why nothing is shown. */
const unseenRequests = [
  `${prefix}No request was seen. Scopeline sees requests that Effect's own HTTP server answers, and none that`,
  `${indent}Express, Hono or node:http answer.`,
].join("\n")

/** A program that has ended, by itself or because it was asked to. */
export interface ProgramEnd {
  readonly code: number
  readonly wasAsked: boolean
}

const exitText = (code: number, snapshot: Snapshot): string => {
  const seen = isAnySeen(snapshot) ? "" : " before any exchange was seen"
  return `${printable(snapshot.title, longestName)} ended with exit code ${code}${seen}.`
}

const isAnySeen = ({ counts: { open, ended, lastHeard } }: Snapshot): boolean =>
  open + ended + lastHeard > 0

/** How long it was watched, and what was found. */
export const endSentence = (snapshot: Snapshot, forMillis: number): string => {
  const { counts, runs, findings } = snapshot
  const parts = [
    counts.judged === 0 ? noneJudged : `${counted(counts.judged, "exchange")} judged`,
    ...(counts.open === 0 ? [] : [`${counts.open} open`]),
    ...(counts.lastHeard === 0 ? [] : [`${counts.lastHeard} open when last heard of`]),
    ...foundTexts(findings, counts.judged),
  ]
  const latest = Math.max(1, ...runs.map(({ number }) => number))
  const time = [formatMillis(forMillis), ...(latest > 1 ? [counted(latest, "run")] : [])]
  return `${time.join(", ")}: ${parts.join(", ")}.`
}

const noneJudged = "no exchange could be judged"

const foundTexts = (
  findings: ReadonlyArray<FindingKind>,
  judged: number,
): ReadonlyArray<string> => {
  const left = findings.filter(isLeft).length
  const known = findings.filter((kind) => isThere(kind) && kind.known !== undefined).length
  const gone = findings.filter(({ state: it }) => it === "gone").length
  if (left + known + gone === 0) return judged === 0 ? [] : ["no problems found"]
  return [
    ...(left === 0 ? [] : [`${counted(left, "kind of problem", "kinds of problems")} found`]),
    ...(gone === 0 ? [] : [`${counted(gone, "kind")} found and gone`]),
    ...(left + gone === 0 ? ["no other problems found"] : []),
    ...(known === 0 ? [] : [`${known} known`]),
  ]
}

/** Whether it is there for all that is known, and not a known one. */
export const isLeft = (kind: FindingKind): boolean => kind.known === undefined && isThere(kind)

const isThere = ({ state: it }: FindingKind): boolean =>
  it === "found" || it === "still there" || it === "back" || it === "not judged yet"
