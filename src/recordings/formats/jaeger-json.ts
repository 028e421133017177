import * as A from "../../../otel/attributes.ts"
import type {
  Attributes,
  AttributeValue,
  Instrumentation,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
} from "../../../otel/lifetimes/span.ts"
import { type Fields, isFields } from "../../otlp/fields.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import type { Rejection } from "../../otlp/span-reader.ts"
import type { UnreadParts } from "../../otlp/unread-parts.ts"

interface JaegerTrace extends Fields {
  readonly spans: ReadonlyArray<unknown>
  readonly processes: Fields
}

/**
 * The traces of Jaeger's own JSON, which its UI downloads and its older API answers: `{"data":
 * [{"traceID", "spans", "processes"}]}`, or one trace by itself.
 */
export const jaegerTraces = (
  document: Fields,
  unread: UnreadParts,
): ReadonlyArray<JaegerTrace> | undefined => {
  if (isTrace(document)) return [document]
  const { data } = document
  if (!Array.isArray(data)) return undefined
  const traces = data.filter(isTrace)
  if (traces.length === 0 && data.length > 0) return undefined
  for (const [index, trace] of data.entries()) {
    if (!isTrace(trace)) unread.add(() => `data[${index}]: no trace of Jaeger's`)
  }
  return traces
}

const isTrace = (trace: unknown): trace is JaegerTrace =>
  isFields(trace) && Array.isArray(trace.spans) && isFields(trace.processes)

/** Turns what Jaeger made of an OTLP span back into that span, so that both give the same. */
export const readJaegerJson = (traces: ReadonlyArray<JaegerTrace>): DecodedSpans => {
  const spans: Array<Span> = []
  const rejected: Array<Rejection> = []
  for (const trace of traces) {
    const resources = resourcesOf(trace.processes)
    for (const fields of trace.spans) {
      const span = isFields(fields) ? readSpan(fields, resources) : noSpan
      if ("reason" in span) rejected.push(span)
      else spans.push(span)
    }
  }
  return { spans, rejected }
}

const listOf = (list: unknown): ReadonlyArray<Fields> =>
  Array.isArray(list) ? list.filter(isFields) : []

/** Jaeger's name for a service without a name. */
const nameless = "OTLPResourceNoServiceName"

const resourcesOf = (processes: Fields): ReadonlyMap<string, Attributes> => {
  const resources = new Map<string, Attributes>()
  for (const [id, process] of Object.entries(processes)) {
    if (!isFields(process)) continue
    const { serviceName } = process
    const named = typeof serviceName === "string" && serviceName !== nameless
    const name = named ? { [A.SERVICE_NAME]: serviceName } : {}
    resources.set(id, { ...name, ...attributesOf(tagsOf(process.tags)) })
  }
  return resources
}

const noSpan: Rejection = { reason: "the span is no object" }
const badTraceId: Rejection = { reason: "traceID is no hexadecimal number, or zero" }
const badSpanId: Rejection = { reason: "spanID is no hexadecimal number, or zero" }
const badTimes: Rejection = { reason: "startTime or duration is missing or out of range" }

const readSpan = (fields: Fields, resources: ReadonlyMap<string, Attributes>): Span | Rejection => {
  const traceId = idOf(fields.traceID, 32)
  if (traceId === undefined) return badTraceId
  const spanId = idOf(fields.spanID, 16)
  if (spanId === undefined) return badSpanId
  const startedAt = microsOf(fields.startTime)
  const duration = microsOf(fields.duration)
  if (startedAt === undefined || duration === undefined) return badTimes
  const tags = tagsOf(fields.tags)
  const references = referencesOf(fields.references)
  const parent = references.find(({ isParent, link }) => isParent && link.traceId === traceId)
  return {
    traceId,
    spanId,
    parentSpanId: parent?.link.spanId,
    name: typeof fields.operationName === "string" ? fields.operationName : "",
    kind: kindOf(tags.get("span.kind")),
    startedAt,
    endedAt: startedAt + duration,
    attributes: attributesOf(tags),
    events: listOf(fields.logs).flatMap((log) => eventOf(log) ?? []),
    links: references.filter((it) => it !== parent).map(({ link }) => link),
    status: statusOf(tags),
    resource: resources.get(String(fields.processID)) ?? {},
    instrumentation: instrumentationOf(tags),
  }
}

/** Jaeger leaves leading zeros out in places. */
const idOf = (value: unknown, digits: 16 | 32): string | undefined => {
  if (typeof value !== "string" || value.length > digits || !/^[0-9a-fA-F]+$/.test(value)) {
    return undefined
  }
  return /[^0]/.test(value) ? value.toLowerCase().padStart(digits, "0") : undefined
}

const microsOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined

interface Reference {
  readonly isParent: boolean
  readonly link: SpanLink
}

const referencesOf = (references: unknown): ReadonlyArray<Reference> =>
  listOf(references).flatMap(({ refType, traceID, spanID }) => {
    const traceId = idOf(traceID, 32)
    const spanId = idOf(spanID, 16)
    if (traceId === undefined || spanId === undefined) return []
    return [{ isParent: refType === "CHILD_OF", link: { traceId, spanId, attributes: {} } }]
  })

type Tags = ReadonlyMap<string, AttributeValue>

const tagsOf = (tags: unknown): Tags => {
  const read = new Map<string, AttributeValue>()
  for (const { key, type, value } of listOf(tags)) {
    const known = tagValueOf(type, value)
    if (typeof key === "string" && known !== undefined) read.set(key, known)
  }
  return read
}

const tagValueOf = (type: unknown, value: unknown): AttributeValue | undefined => {
  if (typeof value === "number" || typeof value === "boolean") return value
  if (typeof value !== "string") return undefined
  if (type === "int64" || type === "float64")
    return Number.isNaN(Number(value)) ? value : Number(value)
  return value.startsWith("[") && value.endsWith("]") ? (listInside(value) ?? value) : value
}

/** Jaeger has no lists: it keeps their JSON as a string. */
const listInside = (text: string): ReadonlyArray<AttributeValue> | undefined => {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every(isScalar) ? list : undefined
  } catch {
    return undefined
  }
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"

/** Jaeger writes these as tags although OTLP has a separate field for each. */
const notAttributes: ReadonlySet<string> = new Set([
  "span.kind",
  "otel.status_code",
  "otel.status_description",
  "otel.scope.name",
  "otel.scope.version",
  "otel.library.name",
  "otel.library.version",
  "w3c.tracestate",
  "internal.span.format",
])

const attributesOf = (tags: Tags): Attributes =>
  Object.fromEntries(
    [...tags].filter(([key]) => !notAttributes.has(key) && !(key === "error" && isError(tags))),
  )

/** Jaeger adds `error` to a span whose status is an error. */
const isError = (tags: Tags): boolean => tags.get("error") === true

const statusOf = (tags: Tags): Span["status"] => {
  const description = tags.get("otel.status_description")
  const message = typeof description === "string" ? description : ""
  if (tags.get("otel.status_code") === "ERROR" || isError(tags)) return { code: "error", message }
  return { code: tags.get("otel.status_code") === "OK" ? "ok" : "unset", message }
}

/** Older versions of Jaeger and OpenTelemetry call it a library. */
const instrumentationOf = (tags: Tags): Instrumentation | undefined => {
  const name = tags.get("otel.scope.name") ?? tags.get("otel.library.name")
  const version = tags.get("otel.scope.version") ?? tags.get("otel.library.version") ?? ""
  return name === undefined ? undefined : { name: String(name), version: String(version) }
}

const kinds: ReadonlyArray<SpanKind> = ["internal", "server", "client", "producer", "consumer"]

const kindOf = (tag: AttributeValue | undefined): SpanKind =>
  kinds.find((kind) => kind === tag) ?? "unspecified"

/** Jaeger keeps the name of an event as a field of it. */
const nameField = "event"

const eventOf = ({ timestamp, fields }: Fields): SpanEvent | undefined => {
  const time = microsOf(timestamp)
  if (time === undefined) return undefined
  const tags = tagsOf(fields)
  const name = tags.get(nameField)
  const attributes = Object.fromEntries([...tags].filter(([key]) => key !== nameField))
  return { name: typeof name === "string" ? name : "", time, attributes }
}
