import type { Span, SpanEvent, SpanLink, StatusCode } from "../../../otel/lifetimes/span.ts"
import type { Micros } from "../../../otel/lifetimes/time.ts"
import { noAttributes } from "../key-values.ts"
import { jsonScalars } from "../scalars.ts"
import {
  none,
  noSpan,
  noTrace,
  type Origin,
  readKind,
  readStatusCode,
  statusOf,
  withoutEmptyLinks,
} from "../span-reader.ts"
import { fieldNames, type JsonBytes, noField } from "./json-bytes.ts"
import { readAttributes } from "./key-values.ts"
import { SeenAttributes } from "./seen-attributes.ts"

const readId = (json: JsonBytes, digits: 16 | 32): string =>
  json.id(digits) ?? jsonScalars.id(json.text(), digits) ?? json.refuse()

const readTime = (json: JsonBytes): Micros =>
  json.micros() ?? jsonScalars.time(json.scalar()) ?? json.refuse()

const eventNames = fieldNames("timeUnixNano", "name", "attributes")

const readEvent = (json: JsonBytes): SpanEvent => {
  let time: Micros | undefined
  let name = ""
  let attributes = noAttributes
  let seen = 0
  for (
    let field = json.object(eventNames);
    field !== noField;
    field = json.nextField(eventNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0) time = readTime(json)
    else if (field === 1) name = json.text()
    else if (field === 2) attributes = readAttributes(json)
    else json.skip()
  }
  return time === undefined ? json.refuse() : { name, time, attributes }
}

const readEvents = (json: JsonBytes): ReadonlyArray<SpanEvent> => {
  if (!json.list()) return none
  const events = [readEvent(json)]
  while (json.nextElement()) events.push(readEvent(json))
  return events
}

const linkNames = fieldNames("traceId", "spanId", "attributes")

const readLink = (json: JsonBytes): SpanLink => {
  let traceId = ""
  let spanId = ""
  let attributes = noAttributes
  let seen = 0
  for (
    let field = json.object(linkNames);
    field !== noField;
    field = json.nextField(linkNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0) traceId = readId(json, 32)
    else if (field === 1) spanId = readId(json, 16)
    else if (field === 2) attributes = readAttributes(json)
    else json.skip()
  }
  return { traceId, spanId, attributes }
}

const readLinks = (json: JsonBytes): ReadonlyArray<SpanLink> => {
  if (!json.list()) return none
  const links = [readLink(json)]
  while (json.nextElement()) links.push(readLink(json))
  return withoutEmptyLinks(links)
}

const statusNames = fieldNames("code", "message")

const readStatus = (json: JsonBytes): Span["status"] => {
  let code: StatusCode = "unset"
  let message = ""
  let seen = 0
  for (
    let field = json.object(statusNames);
    field !== noField;
    field = json.nextField(statusNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0) code = readStatusCode(json.scalar()) ?? json.refuse()
    else if (field === 1) message = json.text()
    else json.skip()
  }
  return statusOf(code, message)
}

const ofSpans = new SeenAttributes()

const spanNames = fieldNames(
  "traceId",
  "spanId",
  "parentSpanId",
  "name",
  "kind",
  "startTimeUnixNano",
  "endTimeUnixNano",
  "attributes",
  "events",
  "links",
  "status",
)

/** One span. It refuses what the reader of parsed spans would reject, because that one says why. */
export const readSpan = (json: JsonBytes, { resource, instrumentation }: Origin): Span => {
  let traceId = ""
  let spanId = ""
  let parent = ""
  let name = ""
  let kind: Span["kind"] = "unspecified"
  let startedAt: Micros | undefined
  let endedAt: Micros | undefined
  let attributes = noAttributes
  let events: Span["events"] = none
  let links: Span["links"] = none
  let status = statusOf("unset", "")
  let seen = 0
  for (
    let field = json.object(spanNames);
    field !== noField;
    field = json.nextField(spanNames, field)
  ) {
    seen = json.once(seen, field)
    switch (field) {
      case 0:
        traceId = readId(json, 32)
        break
      case 1:
        spanId = readId(json, 16)
        break
      case 2:
        parent = readId(json, 16)
        break
      case 3:
        name = json.text()
        break
      case 4:
        kind = readKind(json.scalar()) ?? json.refuse()
        break
      case 5:
        startedAt = readTime(json)
        break
      case 6:
        endedAt = readTime(json)
        break
      case 7:
        attributes = ofSpans.read(json, name)
        break
      case 8:
        events = readEvents(json)
        break
      case 9:
        links = readLinks(json)
        break
      case 10:
        status = readStatus(json)
        break
      default:
        json.skip()
    }
  }
  if (traceId === "" || traceId === noTrace || spanId === "" || spanId === noSpan) json.refuse()
  if (startedAt === undefined || endedAt === undefined) return json.refuse()
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
