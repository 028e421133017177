import * as Result from "effect/Result"
import { decodeDocumentAtOnce } from "../../otlp/export-request.ts"
import { isFields } from "../../otlp/fields.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import { foreignFormat } from "./foreign-format.ts"
import { jaegerTraces, readJaegerJson } from "./jaeger-json.ts"
import { exportRequest } from "./otlp-shapes.ts"

/**
 * The spans of one JSON document, or why it holds none that can be read: OTLP in the shapes in which tools keep
 * it, an answer of Jaeger's API v3, or what Jaeger's UI downloads.
 */
export const readDocument = (document: unknown): DecodedSpans | string => {
  if (!Array.isArray(document)) return readObject(document)
  return foreignFormat(document) ?? readList(document)
}

/** The list is read whole or not at all. */
const readList = (list: ReadonlyArray<unknown>): DecodedSpans | string => {
  if (list.length === 0) return "an empty list"
  const parts: Array<DecodedSpans> = []
  for (const [index, element] of list.entries()) {
    const read = readObject(element)
    if (typeof read === "string") return `${read} (in element ${index + 1} of a list)`
    parts.push(read)
  }
  return {
    spans: parts.flatMap(({ spans }) => spans),
    rejected: parts.flatMap(({ rejected }) => rejected),
  }
}

const readObject = (document: unknown): DecodedSpans | string => {
  if (!isFields(document)) return "JSON, but not OTLP"
  if (Array.isArray(document.resourceSpans)) return readRequest(document)
  if (Object.keys(document).length === 0) return "an empty object, without resourceSpans"
  const foreign = foreignFormat(document)
  if (foreign !== undefined) return foreign
  const traces = jaegerTraces(document)
  return traces === undefined
    ? readRequest(exportRequest(document))
    : orEmpty(readJaegerJson(traces))
}

const readRequest = (request: unknown): DecodedSpans | string =>
  Result.match(decodeDocumentAtOnce(request), {
    onSuccess: orEmpty,
    onFailure: ({ message }) => message,
  })

const orEmpty = (decoded: DecodedSpans): DecodedSpans | string =>
  decoded.spans.length + decoded.rejected.length === 0 ? "traces without a span" : decoded
