import type {
  Attributes,
  AttributeValue,
  Instrumentation,
  Span,
  SpanEvent,
  SpanLink,
} from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"

/** An OTLP export request in its JSON form, with the fields that a `Span` has. */
export interface ExportTraceServiceRequest {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<KeyValue> }
    readonly scopeSpans: ReadonlyArray<{
      readonly scope?: Instrumentation
      readonly spans: ReadonlyArray<OtlpSpan>
    }>
  }>
}

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

type AnyValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly arrayValue: { readonly values: ReadonlyArray<AnyValue> } }
  | { readonly kvlistValue: { readonly values: ReadonlyArray<KeyValue> } }

interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<KeyValue>
  readonly events: ReadonlyArray<{
    readonly timeUnixNano: string
    readonly name: string
    readonly attributes: ReadonlyArray<KeyValue>
  }>
  readonly links: ReadonlyArray<{
    readonly traceId: string
    readonly spanId: string
    readonly attributes: ReadonlyArray<KeyValue>
  }>
  readonly status: { readonly code?: number; readonly message?: string }
}

const kinds = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const codes = { unset: 0, ok: 1, error: 2 }

const nanos = (time: Micros): string => (time === 0 ? "0" : `${time}000`)

/** A span without length gets a nanosecond: Jaeger warns of one that ends when it begins. */
const endOf = ({ startedAt, endedAt }: Span): string =>
  endedAt === startedAt && endedAt > 0 ? `${endedAt}001` : nanos(endedAt)

/** JSON has no NaN, no infinity and no negative zero; OTLP writes them as strings. */
const encodeNumber = (value: number): AnyValue => {
  if (Object.is(value, -0)) return { doubleValue: "-0" }
  if (Number.isSafeInteger(value)) return { intValue: String(value) }
  return { doubleValue: Number.isFinite(value) ? value : String(value) }
}

const isList = (value: object): value is ReadonlyArray<AttributeValue> => Array.isArray(value)

const encodeValue = (value: AttributeValue): AnyValue => {
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "number") return encodeNumber(value)
  if (typeof value === "boolean") return { boolValue: value }
  if (isList(value)) return { arrayValue: { values: value.map(encodeValue) } }
  return { kvlistValue: { values: encodeAttributes(value) } }
}

const encodeAttributes = (attributes: Attributes): ReadonlyArray<KeyValue> =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }))

const encodeEvent = ({ name, time, attributes }: SpanEvent) => ({
  timeUnixNano: nanos(time),
  name,
  attributes: encodeAttributes(attributes),
})

const encodeLink = ({ traceId, spanId, attributes }: SpanLink) => ({
  traceId,
  spanId,
  attributes: encodeAttributes(attributes),
})

const encodeStatus = ({ code, message }: Span["status"]) => ({
  ...(code === "unset" ? {} : { code: codes[code] }),
  ...(message === "" ? {} : { message }),
})

const encodeSpan = (span: Span): OtlpSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
  name: span.name,
  kind: kinds[span.kind],
  startTimeUnixNano: nanos(span.startedAt),
  endTimeUnixNano: endOf(span),
  attributes: encodeAttributes(span.attributes),
  events: span.events.map(encodeEvent),
  links: span.links.map(encodeLink),
  status: encodeStatus(span.status),
})

const encodeScopes = (spans: ReadonlyArray<Span>) =>
  Array.from(
    Map.groupBy(spans, (span) => span.instrumentation),
    ([scope, group]) => ({
      ...(scope === undefined ? {} : { scope }),
      spans: group.map(encodeSpan),
    }),
  )

/**
 * Spans as one OTLP export request. Spans with the same resource object stand together, in the order in which
 * they came, and within them those with the same instrumentation. What a `Span` does not keep (trace state, the
 * nanoseconds below a microsecond) is missing.
 */
export const encodeDocument = (spans: Iterable<Span>): ExportTraceServiceRequest => {
  const groups = Map.groupBy(spans, (span) => span.resource)
  return {
    resourceSpans: Array.from(groups, ([resource, group]) => ({
      resource: { attributes: encodeAttributes(resource) },
      scopeSpans: encodeScopes(group),
    })),
  }
}

/** Spans as one OTLP export request in JSON, on one line. */
export const encodeJson = (spans: Iterable<Span>): string => JSON.stringify(encodeDocument(spans))
