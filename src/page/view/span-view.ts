import { HOST_PREFIX } from "../../../otel/attributes.ts"
import type { Attributes, AttributeValue, Span } from "../../../otel/lifetimes/span.ts"
import { formatMillis, type Micros, millisBetween } from "../../../otel/lifetimes/time.ts"
import type { Row } from "../../../otel/timeline/row.ts"
import { type Markup, markup } from "../markup.ts"
import type { ExchangeDetail, ExchangeRow } from "../snapshot.ts"

/** Nobody reads more of these; the search finds the others. */
const mostSpans = 100
const mostAttributes = 64
const mostEvents = 32

const attributeText = (value: AttributeValue): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value)

/** What the search within an exchange looks in, in lower case. */
export const spanWords = ({
  spanId,
  parentSpanId,
  name,
  attributes,
  events,
  status,
}: Span): string =>
  [
    spanId,
    parentSpanId ?? "",
    name,
    status.message,
    ...Object.entries(attributes).flatMap(([key, value]) => [key, attributeText(value)]),
    ...events.flatMap((event) => [
      event.name,
      ...Object.values(event.attributes).map(attributeText),
    ]),
  ]
    .join(" ")
    .toLowerCase()

/** The spans of an exchange as a list of buttons: each selects one. */
export const spanList = (
  spans: ReadonlyArray<Span>,
  origin: Micros,
  selected: string | undefined,
): Markup => {
  const shown = spans.toSorted((a, b) => a.startedAt - b.startedAt).slice(0, mostSpans)
  const more = spans.length - shown.length
  return markup`<ol class="spans">${shown.map(
    (span) =>
      markup`<li data-key="${span.spanId}"><button type="button" data-does="bar" data-span="${span.spanId}" aria-pressed="${
        span.spanId === selected ? "true" : "false"
      }"><span class="time">${formatMillis(millisBetween(origin, span.startedAt))}</span> <span>${span.name}</span> <span class="lasted">${formatMillis(
        millisBetween(span.startedAt, span.endedAt),
      )}</span></button></li>`,
  )}</ol>
${more > 0 ? markup`<p class="muted">${more} more spans: search for them above.</p>` : undefined}`
}

/** The id of the span's parent, if the parent has not come. */
export const missingParent = (
  { parentSpanId }: Span,
  spans: ReadonlyArray<Span>,
): string | undefined =>
  spans.some(({ spanId }) => spanId === parentSpanId) ? undefined : parentSpanId

/** All that is known of one bar: its lifetime, and its span as it was sent. */
export const barDetails = (
  row: Row | undefined,
  span: Span | undefined,
  { layout: { origin }, spans }: ExchangeDetail,
  exchanges: ReadonlyArray<ExchangeRow>,
): Markup => {
  const parent = span?.parentSpanId
  const missing = span === undefined ? undefined : missingParent(span, spans)
  const facts: ReadonlyArray<readonly [string, string]> = [
    ...(row === undefined ? [] : rowFacts(row)),
    ...(row === undefined && span !== undefined
      ? [
          ["began at", formatMillis(millisBetween(origin, span.startedAt))] as const,
          ["ended at", formatMillis(millisBetween(origin, span.endedAt))] as const,
        ]
      : []),
    ...(span === undefined ? [] : [["span", span.spanId] as const]),
    ...(parent === undefined
      ? []
      : [["parent", missing === undefined ? parent : `${parent} (not received)`] as const]),
    ...(span === undefined || span.status.code === "unset"
      ? []
      : [["status", [span.status.code, span.status.message].filter(Boolean).join(": ")] as const]),
  ]
  return markup`<h3>${row?.label ?? span?.name ?? "Not here any more"}</h3>
${facts.length === 0 ? markup`<p class="muted">This span is not in what was received.</p>` : pairs(facts)}
${span === undefined ? undefined : spanParts(span, origin, exchanges)}`
}

const rowFacts = ({ kind, interval: { start, end }, facts, marks, details }: Row) => [
  ["kind", kind] as const,
  ["began at", formatMillis(start)] as const,
  ...marks.map(({ kind, at }) => [markNames[kind], formatMillis(at)] as const),
  ["ended at", end === undefined ? "still open" : formatMillis(end)] as const,
  ...(facts.length === 0 ? [] : [["says", facts.join(", ")] as const]),
  ...details,
]

const markNames: Readonly<Record<Row["marks"][number]["kind"], string>> = {
  "scope-closed": "began to close",
  released: "released",
  "head-sent": "head sent",
  "first-event": "first event",
  "stream-ended": "ended",
}

const pairs = (entries: ReadonlyArray<readonly [string, string]>): Markup =>
  markup`<dl>${entries.map(([key, value]) => markup`<div><dt>${key}</dt><dd>${value}</dd></div>`)}</dl>`

const spanParts = (
  { attributes, events, links }: Span,
  origin: Micros,
  exchanges: ReadonlyArray<ExchangeRow>,
): Markup => markup`<h4>Attributes</h4>${pairs(attributePairs(attributes))}
${
  events.length === 0
    ? undefined
    : markup`<h4>Events</h4><ul class="events">${events
        .slice(0, mostEvents)
        .map(
          ({ name, time, attributes }) =>
            markup`<li>${formatMillis(millisBetween(origin, time))} ${name}${pairs(attributePairs(attributes))}</li>`,
        )}</ul>`
}
${
  links.length === 0
    ? undefined
    : markup`<h4>Links</h4><ul class="links">${links
        .slice(0, mostEvents)
        .map(({ traceId, spanId }) => {
          const other = exchanges.find(({ id }) => id.startsWith(`${traceId}.`))
          const name = `span ${spanId} of trace ${traceId.slice(0, 8)}`
          return other === undefined
            ? markup`<li>${name} (not received)</li>`
            : markup`<li><a href="#/x/${other.id}">${other.route}: ${name}</a></li>`
        })}</ul>`
}`

const attributePairs = (attributes: Attributes): ReadonlyArray<readonly [string, string]> =>
  Object.entries(attributes)
    .filter(([key]) => !key.startsWith(HOST_PREFIX))
    .slice(0, mostAttributes)
    .map(([key, value]) => [key, attributeText(value)])
