import * as Result from "effect/Result"
import { decodeDocumentAtOnce, decodeReadable } from "../../otlp/export-request.ts"
import { isFields } from "../../otlp/fields.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import type { UnreadParts } from "../../otlp/unread-parts.ts"
import { foreignFormat } from "./foreign-format.ts"
import { jaegerTraces, readJaegerJson } from "./jaeger-json.ts"
import { exportRequest } from "./otlp-shapes.ts"

const record = 'record traces with "scopeline collect --out FILE"'

/**
 * The spans of one JSON document, or why nothing in it can be read: OTLP in the shapes in which tools keep it, an
 * answer of Jaeger's API v3, or what Jaeger's UI downloads. Parts that cannot be read are counted in `unread`.
 */
export const readDocument = (document: unknown, unread: UnreadParts): DecodedSpans | string =>
  Array.isArray(document) ? readList(document, unread) : readObject(document, unread)

const readList = (list: ReadonlyArray<unknown>, unread: UnreadParts): DecodedSpans | string => {
  if (list.length === 0) return `an empty list: ${record}`
  const parts: Array<DecodedSpans> = []
  for (const [index, element] of list.entries()) {
    const read = readObject(element, unread)
    if (typeof read === "string") unread.add(() => `element ${index + 1} of the list: ${read}`)
    else parts.push(read)
  }
  if (parts.length === 0) return foreignFormat(list) ?? unread.named[0] ?? "a list without traces"
  return {
    spans: parts.flatMap(({ spans }) => spans),
    rejected: parts.flatMap(({ rejected }) => rejected),
  }
}

const readObject = (document: unknown, unread: UnreadParts): DecodedSpans | string => {
  if (!isFields(document)) return "JSON, but not OTLP"
  if (Array.isArray(document.resourceSpans)) return readRequest(document, unread)
  if (Object.keys(document).length === 0) return `an empty object, without resourceSpans: ${record}`
  const foreign = foreignFormat(document)
  if (foreign !== undefined) return foreign
  const traces = jaegerTraces(document, unread)
  return traces === undefined
    ? readRequest(exportRequest(document), unread)
    : orEmpty(readJaegerJson(traces))
}

const readRequest = (request: unknown, unread: UnreadParts): DecodedSpans | string =>
  Result.match(decodeDocumentAtOnce(request), {
    onSuccess: orEmpty,
    onFailure: ({ message }) => {
      if (!isFields(request) || !Array.isArray(request.resourceSpans)) return message
      const read = decodeReadable(request.resourceSpans, unread)
      return isEmpty(read) ? message : read
    },
  })

const isEmpty = ({ spans, rejected }: DecodedSpans): boolean => spans.length + rejected.length === 0

const orEmpty = (decoded: DecodedSpans): DecodedSpans | string =>
  isEmpty(decoded) ? "traces without a span" : decoded
