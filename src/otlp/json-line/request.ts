/**
 * Reads an export request on a line of JSON, as exporters and the Collector write it, straight from its bytes:
 * parsing it to objects first takes twice as long. It refuses what is written in another way and what is wrong:
 * the reader of parsed requests reports that. If this reader returns spans, they equal those of the other
 * reader; a test checks that.
 */
import type { Attributes, Instrumentation, Span } from "../../../otel/lifetimes/span.ts"
import { noAttributes } from "../key-values.ts"
import { instrumentationOf } from "../span-reader.ts"
import { fieldNames, JsonBytes, noField, Uncommon } from "./json-bytes.ts"
import { SeenAttributes } from "./seen-attributes.ts"
import { readSpan } from "./span.ts"

const requestNames = fieldNames("resourceSpans")

/** The spans of the request in this line; `undefined` if it is refused. */
export const spansOfLine = (
  bytes: Buffer,
  from: number,
  to: number,
): ReadonlyArray<Span> | undefined => {
  try {
    const json = new JsonBytes(bytes, from)
    const spans = readRequest(json)
    json.peek()
    return json.at === to && spans.length > 0 ? spans : undefined
  } catch (error) {
    if (error instanceof Uncommon || error instanceof SyntaxError) return undefined
    throw error
  }
}

const readRequest = (json: JsonBytes): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  let seen = 0
  for (
    let field = json.object(requestNames);
    field !== noField;
    field = json.nextField(requestNames, field)
  ) {
    seen = json.once(seen, field)
    if (field !== 0) json.skip()
    else
      for (let more = json.list(); more; more = json.nextElement()) readResourceSpans(json, spans)
  }
  return spans
}

const resourceSpansNames = fieldNames("resource", "scopeSpans", "instrumentationLibrarySpans")

const readResourceSpans = (json: JsonBytes, into: Array<Span>): void => {
  let resource = noAttributes
  let seen = 0
  for (
    let field = json.object(resourceSpansNames);
    field !== noField;
    field = json.nextField(resourceSpansNames, field)
  ) {
    seen = json.once(seen, field)
    // Resource and scope have to come before the spans.
    if (field === 0 && seen !== 1) json.refuse()
    if (field === 0) resource = readResource(json)
    else if (field === 1) {
      for (let more = json.list(); more; more = json.nextElement()) {
        readScopeSpans(json, resource, into)
      }
    } else if (field === 2) json.refuse()
    else json.skip()
  }
}

const ofResources = new SeenAttributes()

const resourceNames = fieldNames("attributes")

const readResource = (json: JsonBytes): Attributes => {
  let attributes = noAttributes
  let seen = 0
  for (
    let field = json.object(resourceNames);
    field !== noField;
    field = json.nextField(resourceNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0) attributes = ofResources.read(json, "")
    else json.skip()
  }
  return attributes
}

const scopeSpansNames = fieldNames("scope", "spans", "instrumentationLibrary")

const readScopeSpans = (json: JsonBytes, resource: Attributes, into: Array<Span>): void => {
  let instrumentation: Instrumentation | undefined
  let seen = 0
  for (
    let field = json.object(scopeSpansNames);
    field !== noField;
    field = json.nextField(scopeSpansNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0 && seen !== 1) json.refuse()
    if (field === 0) instrumentation = readScope(json)
    else if (field === 1) {
      const origin = { resource, instrumentation }
      for (let more = json.list(); more; more = json.nextElement()) {
        into.push(readSpan(json, origin))
      }
    } else if (field === 2) json.refuse()
    else json.skip()
  }
}

const scopeNames = fieldNames("name", "version")

const readScope = (json: JsonBytes): Instrumentation | undefined => {
  let name = ""
  let version = ""
  let seen = 0
  for (
    let field = json.object(scopeNames);
    field !== noField;
    field = json.nextField(scopeNames, field)
  ) {
    seen = json.once(seen, field)
    if (field === 0) name = json.text()
    else if (field === 1) version = json.text()
    else json.skip()
  }
  return instrumentationOf(name, version)
}
