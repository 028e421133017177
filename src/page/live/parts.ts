import { times } from "../../../otel/lifetimes/counted.ts"
import type { Finding } from "../../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import { differencesOf } from "../../../otel/timeline/difference.ts"
import { compareLink, traceLink } from "../../recordings/jaeger/links.ts"
import { suggestionOf } from "../html/findings.ts"
import { timelines } from "../html/timeline.ts"
import { type Markup, markup } from "../markup.ts"
import { clockText, connectionText, panelsOf } from "./connection-view.ts"
import type { Connections, Side } from "./connections.ts"
import type { PageView } from "./watched.ts"

/** The content of what changes on the page, by the id of the element that holds it. */
export type Parts = Readonly<Record<string, string>>

export const partId = {
  timelines: "timelines",
  links: "links",
  findings: (side: Side) => `${side}-findings`,
  earlier: (side: Side) => `${side}-earlier`,
} as const

/** `jaeger` is the address of its page, where it has the traces. */
export const partsOf = (sight: PageView, jaeger: string | undefined): Parts => {
  const parts: ReadonlyArray<readonly [string, Markup]> = [
    [partId.timelines, timelinesOf(sight)],
    [partId.links, linksOf(sight, jaeger)],
    ...sight.connections.flatMap((connections) => [
      [partId.findings(connections.side), findingsOf(connections)] as const,
      [partId.earlier(connections.side), earlierOf(connections, jaeger)] as const,
    ]),
  ]
  return Object.fromEntries(parts.map(([id, { text }]) => [id, text]))
}

const timelinesOf = (sight: PageView): Markup => {
  const panels = panelsOf(sight)
  return panels.length === 0
    ? markup`<p class="muted">The timelines come with the first spans.</p>`
    : timelines(panels, "live", differencesOf(panels))
}

/** More are there for who asks. */
const linesShown = 5

const findingsOf = ({ findings }: Connections): Markup =>
  findings.length === 0
    ? markup`<p class="muted">No rule held so far.</p>`
    : markup`${findings.map(findingCard)}`

const findingCard = (finding: Finding): Markup => {
  const { rule, severity, confidence, count, message } = finding
  return markup`<article class="finding ${severity}" data-rule="${rule}">
<h3>${rule} <small>${severity} · ${confidence} · ${times(count)}</small></h3>
<p>${message}</p>
<details><summary>What to change</summary>${suggestionOf(finding)}</details>
</article>`
}

const earlierOf = ({ earlier }: Connections, jaeger: string | undefined): Markup =>
  earlier.length === 0
    ? markup`<p class="muted">None yet.</p>`
    : markup`${linesOf(earlier.slice(0, linesShown), jaeger)}${
        earlier.length <= linesShown
          ? undefined
          : markup`<details><summary>${earlier.length - linesShown} more</summary>${linesOf(earlier.slice(linesShown), jaeger)}</details>`
      }`

const linesOf = (connections: ReadonlyArray<JudgedExchange>, jaeger: string | undefined): Markup =>
  markup`<ol>${connections.map((judged) => earlierLine(judged, jaeger))}</ol>`

const earlierLine = (judged: JudgedExchange, jaeger: string | undefined): Markup => {
  const { exchange, matches } = judged
  const rules = [...new Set(matches.map(({ rule }) => rule))].join(", ")
  return markup`<li><span class="at">${clockText(exchange.startedAt)}</span> ${connectionText(judged)}${
    rules === "" ? undefined : markup` <strong class="rule">${rules}</strong>`
  }${jaeger === undefined ? undefined : markup` ${link(traceLink(jaeger, exchange.span.traceId), "trace")}`}</li>`
}

/** Jaeger has a connection when its spans have ended. */
const linksOf = ({ connections }: PageView, jaeger: string | undefined): Markup => {
  const ended = connections.flatMap(({ side, latest }) =>
    latest?.exchange.endedAt === undefined ? [] : [{ side, id: latest.exchange.span.traceId }],
  )
  const [first, second] = ended
  if (jaeger === undefined || first === undefined) return markup``
  return markup`In Jaeger: ${ended.map(({ side, id }) => link(traceLink(jaeger, id), side))}${
    second === undefined ? undefined : link(compareLink(jaeger, first.id, second.id), "compared")
  }`
}

const link = (address: string, text: string): Markup =>
  markup`<a href="${address}" target="_blank" rel="noreferrer">${text}</a> `
