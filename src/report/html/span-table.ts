import type { Attributes, AttributeValue, Span } from "../../../otel/lifetimes/span.ts"
import { millisBetween } from "../../../otel/lifetimes/time.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { Markup, markup } from "../markup.ts"

/** More than this a page does not open quickly with. */
const mostSpans = 20_000

/** Nobody reads more of a value in a table; 5,000 spans with long ones would make the page too large. */
const longest = { name: 300, value: 500 } as const
const mostAttributes = 64
const mostEvents = 32

/** A span as the script of the page takes it: times in milliseconds since the first span. */
interface TableSpan {
  readonly trace: string
  readonly id: string
  readonly parent: string
  readonly name: string
  readonly kind: string
  readonly service: string
  readonly status: string
  readonly start: number
  readonly duration: number
  readonly attributes: ReadonlyArray<readonly [string, string]>
  readonly events: ReadonlyArray<
    readonly [number, string, ReadonlyArray<readonly [string, string]>]
  >
}

/** The raw spans, to be searched: a script of the page makes the rows out of what stands in it. */
export const spanTable = (spans: ReadonlyArray<Span>): Markup => {
  const shown = spans.toSorted((a, b) => a.startedAt - b.startedAt).slice(0, mostSpans)
  const left = spans.length - shown.length
  return markup`<section aria-labelledby="spans"><h2 id="spans">Spans</h2>
${left === 0 ? undefined : markup`<p class="muted">${left} more spans are not in this report.</p>`}
<div class="search"><label for="search">Search names, ids and attributes</label>
<input id="search" type="search" autocomplete="off" spellcheck="false">
<output id="found" for="search"></output></div>
<noscript><p>This table needs JavaScript.</p></noscript>
<div class="scroll" tabindex="0" role="region" aria-labelledby="spans"><table>
<thead><tr>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody id="rows"></tbody></table></div>
<button type="button" id="more" hidden>Show more</button>
<script type="application/json" id="span-list">${scriptText(shown.map(toTable(shown)))}</script>
</section>
`
}

const columns = ["began", "lasted", "name", "service", "status", "attributes and events"]

const toTable =
  (spans: ReadonlyArray<Span>) =>
  (span: Span): TableSpan => {
    const first = spans[0]?.startedAt ?? 0
    const service = span.resource["service.name"]
    return {
      trace: span.traceId,
      id: span.spanId,
      parent: span.parentSpanId ?? "",
      name: printable(span.name, longest.name),
      kind: span.kind,
      service: typeof service === "string" ? printable(service, longest.name) : "",
      status: statusOf(span),
      start: millisBetween(first, span.startedAt),
      duration: millisBetween(span.startedAt, span.endedAt),
      attributes: attributesOf(span.attributes),
      events: span.events
        .slice(0, mostEvents)
        .map(({ name, time, attributes }) => [
          millisBetween(first, time),
          printable(name, longest.name),
          attributesOf(attributes),
        ]),
    }
  }

const statusOf = ({ status: { code, message } }: Span): string => {
  if (code === "unset") return ""
  return message === "" ? code : `${code}: ${printable(message, longest.value)}`
}

const attributesOf = (attributes: Attributes): ReadonlyArray<readonly [string, string]> =>
  Object.entries(attributes)
    .slice(0, mostAttributes)
    .map(([key, value]) => [printable(key, longest.name), valueText(value)])

const valueText = (value: AttributeValue): string =>
  printable(typeof value === "object" ? JSON.stringify(value) : String(value), longest.value)

/** What stands in a script ends at nothing but its own end: no text inside can look like that. */
const scriptText = (content: unknown): Markup =>
  new Markup(JSON.stringify(content).replaceAll("<", "\\u003c"))
