import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Fields, isFields } from "../../otlp/fields.ts"
import { AnsweredSpans, asResourceSpans } from "../jaeger/answer.ts"
import { camelCased } from "./snake-case.ts"

/**
 * Makes an export request of other shapes of OTLP: an answer of Jaeger (`result`) or of Tempo (`trace`,
 * `batches`), the spans of a single resource, or any of these with names in snake case.
 */
export const exportRequest = (document: Fields): unknown => {
  const { result } = document
  if (isFields(result) && Array.isArray(result.resourceSpans)) {
    return { resourceSpans: result.resourceSpans.map(withTimesOfAnswer) }
  }
  const request = inCamelCase(isFields(document.trace) ? document.trace : document)
  if (!isFields(request) || Array.isArray(request.resourceSpans)) return request
  if (Array.isArray(request.batches)) return { resourceSpans: request.batches }
  return isResourceSpans(request) ? { resourceSpans: [request] } : request
}

const decodeAnswered = Schema.decodeUnknownOption(AnsweredSpans)

/** The reader of requests refuses what is not part of an answer. */
const withTimesOfAnswer = (part: unknown): unknown =>
  Option.match(decodeAnswered(part), { onNone: () => part, onSome: asResourceSpans })

const isResourceSpans = ({ scopeSpans, instrumentationLibrarySpans }: Fields): boolean =>
  Array.isArray(scopeSpans) || Array.isArray(instrumentationLibrarySpans)

const inCamelCase = (request: Fields): unknown => {
  const { batches } = request
  const [first] = Array.isArray(batches) ? batches : [request]
  return isFields(first) && snakeNames.some((name) => Object.hasOwn(first, name))
    ? camelCased(request)
    : request
}

const snakeNames = ["resource_spans", "scope_spans", "instrumentation_library_spans"]
