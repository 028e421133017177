import type {
  Attributes,
  Instrumentation,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from "../../otel/lifetimes/span.ts"
import { type Fields, isFields } from "./fields.ts"
import { readAttributes } from "./key-values.ts"
import { repeated } from "./repeated-text.ts"
import type { Scalars } from "./scalars.ts"

/** Why a span was not taken. The reasons are a closed set: they contain nothing of what was sent. */
export interface Rejection {
  readonly reason: string
}

const because = (reason: string): Rejection => ({ reason })

const noMessage = because("the span is no object")
const badTraceId = because("traceId is not 32 hex digits, or all zero")
const badSpanId = because("spanId is not 16 hex digits, or all zero")
const badParent = because("parentSpanId is not 16 hex digits")
const badName = because("name is no string")
const badKind = because("kind is neither a number nor a name")
const badTimes = because("startTimeUnixNano or endTimeUnixNano is missing or out of range")
const badAttributes = because("attributes is no list of keys and values")
const badEvents = because("events is no list of events with a time and a name")
const badLinks = because("links is no list of links")
const badStatus = because("status is malformed")

/** The resource of a group of spans cannot be read, so nobody can tell whose they are. */
export const badResource = because("the attributes of the resource are malformed")
export const badMessage = because("the span is no protobuf message, or larger than 1 MiB")

export const noTrace = "0".repeat(32)
export const noSpan = "0".repeat(16)

const kinds: ReadonlyArray<SpanKind> = [
  "unspecified",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
]
const codes: ReadonlyArray<StatusCode> = ["unset", "ok", "error"]

const byName = <A extends string>(prefix: string, values: ReadonlyArray<A>) =>
  new Map(values.map((value) => [prefix + value.toUpperCase(), value]))

const kindNames = byName("SPAN_KIND_", kinds)
const codeNames = byName("STATUS_CODE_", codes)

/** A number or name of an enum. Unknown ones count as the first, as in protobuf. */
const readEnum = <A extends string>(
  value: unknown,
  numbered: readonly A[],
  named: ReadonlyMap<string, A>,
  unknownValue: A,
): A | undefined => {
  if (value === undefined || value === null) return unknownValue
  if (typeof value === "number") return numbered[value] ?? unknownValue
  return typeof value === "string" ? (named.get(value) ?? unknownValue) : undefined
}

export const readKind = (value: unknown): SpanKind | undefined =>
  readEnum(value, kinds, kindNames, "unspecified")

export const readStatusCode = (value: unknown): StatusCode | undefined =>
  readEnum(value, codes, codeNames, "unset")

const readText = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return ""
  return typeof value === "string" ? repeated(value) : undefined
}

/** Most spans have neither events nor links, and many spans are kept. */
export const none: ReadonlyArray<never> = Object.freeze([])

const readEach = <A>(
  scalars: Scalars,
  list: unknown,
  read: (scalars: Scalars, fields: Fields) => A | undefined,
): ReadonlyArray<A> | undefined => {
  if (list === undefined || list === null) return none
  if (!Array.isArray(list)) return undefined
  if (list.length === 0) return none
  const all: Array<A> = []
  for (const element of list) {
    const one = isFields(element) ? read(scalars, element) : undefined
    if (one === undefined) return undefined
    all.push(one)
  }
  return all
}

/** Absent is not zero: a decoded protobuf message inherits a zero if no time was sent. */
const readTime = (scalars: Scalars, fields: Fields, field: string) =>
  Object.hasOwn(fields, field) ? scalars.time(fields[field]) : undefined

const readEvent = (scalars: Scalars, fields: Fields): SpanEvent | undefined => {
  const time = readTime(scalars, fields, "timeUnixNano")
  const name = readText(fields.name)
  const attributes = readAttributes(scalars, fields.attributes)
  if (time === undefined || name === undefined || attributes === undefined) return undefined
  return { name, time, attributes }
}

const readLink = (scalars: Scalars, fields: Fields): SpanLink | undefined => {
  const traceId = scalars.id(fields.traceId, 32)
  const spanId = scalars.id(fields.spanId, 16)
  const attributes = readAttributes(scalars, fields.attributes)
  if (traceId === undefined || spanId === undefined || attributes === undefined) return undefined
  return { traceId, spanId, attributes }
}

/** SDKs let programs link to an invalid span; such a link says nothing. */
const leadsSomewhere = ({ traceId, spanId }: SpanLink): boolean =>
  traceId !== "" && traceId !== noTrace && spanId !== "" && spanId !== noSpan

export const withoutEmptyLinks = (links: ReadonlyArray<SpanLink>): ReadonlyArray<SpanLink> =>
  links.every(leadsSomewhere) ? links : links.filter(leadsSomewhere)

const readLinks = (scalars: Scalars, list: unknown): ReadonlyArray<SpanLink> | undefined => {
  const links = readEach(scalars, list, readLink)
  return links && withoutEmptyLinks(links)
}

const silent: Readonly<Record<StatusCode, Span["status"]>> = {
  unset: { code: "unset", message: "" },
  ok: { code: "ok", message: "" },
  error: { code: "error", message: "" },
}

const readStatus = (status: unknown): Span["status"] | undefined => {
  if (status === undefined || status === null) return silent.unset
  if (!isFields(status)) return undefined
  const code = readStatusCode(status.code)
  const message = readText(status.message)
  if (code === undefined || message === undefined) return undefined
  return statusOf(code, message)
}

export const statusOf = (code: StatusCode, message: string): Span["status"] =>
  message === "" ? silent[code] : { code, message }

/** What the spans of one group share. */
export interface Origin {
  readonly resource: Attributes
  readonly instrumentation: Instrumentation | undefined
}

/** Without a name it says nothing. */
export const instrumentationOf = (name: string, version: string): Instrumentation | undefined =>
  name === "" ? undefined : { name, version }

/** A malformed one is no reason to lose its spans. */
export const readInstrumentation = (scope: unknown): Instrumentation | undefined => {
  if (!isFields(scope)) return undefined
  const name = readText(scope.name)
  const version = readText(scope.version)
  return name === undefined ? undefined : instrumentationOf(name, version ?? "")
}

/**
 * One span of OTLP, as JSON or as a decoded protobuf message, or the reason why it is invalid. Written by hand
 * because captures have hundreds of thousands; a test checks that it equals a schema.
 */
export const readSpan = (
  scalars: Scalars,
  fields: unknown,
  { resource, instrumentation }: Origin,
): Span | Rejection => {
  if (!isFields(fields)) return noMessage
  const traceId = scalars.id(fields.traceId, 32)
  if (traceId === undefined || traceId === "" || traceId === noTrace) return badTraceId
  const spanId = scalars.id(fields.spanId, 16)
  if (spanId === undefined || spanId === "" || spanId === noSpan) return badSpanId
  const parent = scalars.id(fields.parentSpanId, 16)
  if (parent === undefined) return badParent
  const name = readText(fields.name)
  if (name === undefined) return badName
  const kind = readKind(fields.kind)
  if (kind === undefined) return badKind
  const startedAt = readTime(scalars, fields, "startTimeUnixNano")
  const endedAt = readTime(scalars, fields, "endTimeUnixNano")
  if (startedAt === undefined || endedAt === undefined) return badTimes
  const attributes = readAttributes(scalars, fields.attributes)
  if (attributes === undefined) return badAttributes
  const events = readEach(scalars, fields.events, readEvent)
  if (events === undefined) return badEvents
  const links = readLinks(scalars, fields.links)
  if (links === undefined) return badLinks
  const status = readStatus(fields.status)
  if (status === undefined) return badStatus
  const parentSpanId = parent === "" || parent === noSpan ? undefined : parent
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startedAt,
    endedAt,
    attributes,
    events,
    links,
    status,
    resource,
    instrumentation,
  }
}
