import { HOST_PREFIX, SERVICE_NAME } from "../../../otel/attributes.ts"
import type { Attributes, Span } from "../../../otel/lifetimes/span.ts"
import { type Micros, millisBetween } from "../../../otel/lifetimes/time.ts"
import { zerosOf } from "../../../otel/lifetimes/zero.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { Markup, markup } from "../markup.ts"

/** More than this a page does not open quickly with. */
const mostSpans = 20_000

/** A page of more than 5 MB is slow to open, and to send. */
const mostCharacters = 4_000_000

/** Nobody reads more of a value in a table; 5,000 spans with long ones would make the page too large. */
const longest = { name: 300, value: 500 } as const
const mostAttributes = 64
const mostEvents = 32

/** Where a text stands in the list of all texts: most are said by many spans. */
type TextIndex = number

type TableEntries = ReadonlyArray<readonly [key: TextIndex, value: TextIndex]>

/** A span as the script of the page takes it: times in milliseconds since the request of its exchange arrived. */
interface TableSpan {
  readonly trace: TextIndex
  readonly id: string
  readonly parent: string
  readonly name: TextIndex
  readonly kind: TextIndex
  readonly service: TextIndex
  readonly status: TextIndex
  readonly start: number
  readonly duration: number
  readonly attributes: TableEntries
  readonly events: ReadonlyArray<readonly [at: number, name: TextIndex, attributes: TableEntries]>
}

/** The raw spans, to be searched: a script of the page makes the rows out of what stands in it. */
export const spanTable = (spans: ReadonlyArray<Span>): Markup => {
  const { shown, text } = fitting(
    spans.toSorted((a, b) => a.startedAt - b.startedAt).slice(0, mostSpans),
  )
  const left = spans.length - shown.length
  const empty = spans.length === 0 ? new Markup(" hidden") : undefined
  return markup`<section aria-labelledby="spans"${empty}><h2 id="spans">Spans</h2>
${left === 0 ? undefined : markup`<p class="muted">${left} more spans are not in this report.</p>`}
<div class="search"><label for="search">Search names, ids and attributes</label>
<input id="search" type="search" autocomplete="off" spellcheck="false">
<output id="found" for="search"></output></div>
<p class="muted">Times count from the moment at which the request of the exchange arrived; those of a client are its own.</p>
<noscript><p>This table needs JavaScript.</p></noscript>
<div class="scroll" id="table" tabindex="0" role="region" aria-label="Table of spans"><table>
<thead><tr>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody id="rows"></tbody></table></div>
<button type="button" id="more" hidden>Show more</button>
<script type="application/json" id="span-list">${text}</script>
</section>
`
}

/** As many of them as have room, and their table. */
const fitting = (
  spans: ReadonlyArray<Span>,
): { readonly shown: ReadonlyArray<Span>; readonly text: Markup } => {
  const text = scriptText(tableOf(spans))
  if (text.text.length <= mostCharacters || spans.length < 2) return { shown: spans, text }
  // A little fewer than would fit if all were of one length: the first may be longer.
  const share = (0.95 * mostCharacters) / text.text.length
  return fitting(spans.slice(0, Math.max(1, Math.floor(spans.length * share))))
}

const columns = ["began", "lasted", "name", "service", "trace", "status", "attributes and events"]

const tableOf = (spans: ReadonlyArray<Span>) => {
  const texts = new Texts()
  const zeroOf = zerosOf(spans)
  const listed = spans.map((span): TableSpan => {
    const service = span.resource[SERVICE_NAME]
    const zero = zeroOf(span)
    const since = (time: Micros) => millisBetween(zero, time)
    return {
      trace: texts.add(span.traceId, longest.name),
      id: span.spanId,
      parent: span.parentSpanId ?? "",
      name: texts.add(span.name, longest.name),
      kind: texts.add(span.kind, longest.name),
      service: texts.add(typeof service === "string" ? service : "", longest.name),
      status: texts.add(statusOf(span), longest.value),
      start: since(span.startedAt),
      duration: millisBetween(span.startedAt, span.endedAt),
      attributes: entriesOf(texts, span.attributes),
      events: span.events
        .slice(0, mostEvents)
        .map(({ name, time, attributes }) => [
          since(time),
          texts.add(name, longest.name),
          entriesOf(texts, attributes),
        ]),
    }
  })
  return { texts: texts.all, spans: listed }
}

/** Every text once, in the form in which it is shown. */
class Texts {
  readonly #indexes = new Map<string, TextIndex>()

  add(raw: string, maximum: number): TextIndex {
    const text = printable(raw, maximum)
    const known = this.#indexes.get(text)
    if (known !== undefined) return known
    const index = this.#indexes.size
    this.#indexes.set(text, index)
    return index
  }

  get all(): ReadonlyArray<string> {
    return [...this.#indexes.keys()]
  }
}

const statusOf = ({ status: { code, message } }: Span): string => {
  if (code === "unset") return ""
  return message === "" ? code : `${code}: ${message}`
}

const entriesOf = (texts: Texts, attributes: Attributes): TableEntries =>
  Object.entries(attributes)
    .filter(([key]) => !key.startsWith(HOST_PREFIX))
    .slice(0, mostAttributes)
    .map(([key, value]) => [
      texts.add(key, longest.name),
      texts.add(typeof value === "object" ? JSON.stringify(value) : String(value), longest.value),
    ])

/** What stands in a script ends at nothing but its own end: no text inside can look like that. */
const scriptText = (content: unknown): Markup =>
  new Markup(JSON.stringify(content).replaceAll("<", "\\u003c"))
