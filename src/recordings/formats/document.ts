import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeDocumentAtOnce } from "../../otlp/export-request.ts"
import { type Fields, isFields } from "../../otlp/fields.ts"
import type { DecodedSpans } from "../../otlp/groups.ts"
import { asExportRequest, JaegerAnswer } from "../jaeger/answer.ts"
import { isJaegerJson, readJaegerJson } from "./jaeger-json.ts"

/**
 * The spans of one JSON document, or why it holds none that can be read: an OTLP export request, an
 * answer of Jaeger's API v3, or what Jaeger's UI downloads.
 */
export const readDocument = (document: unknown): DecodedSpans | string => {
  if (!isFields(document)) return "JSON, and not an object of OTLP"
  if (isJaegerJson(document)) return readJaegerJson(document)
  const answer = Object.hasOwn(document, "result") ? decodeAnswer(document) : Option.none()
  const request = Option.isSome(answer) ? asExportRequest(answer.value) : document
  return Result.match(decodeDocumentAtOnce(request), {
    onSuccess: (decoded) => decoded,
    onFailure: ({ message }) => otherSignal(document) ?? message,
  })
}

const decodeAnswer = Schema.decodeUnknownOption(JaegerAnswer)

const otherSignal = (document: Fields): string | undefined => {
  if (Object.hasOwn(document, "resourceLogs")) return "OTLP of logs, not of traces"
  if (Object.hasOwn(document, "resourceMetrics")) return "OTLP of metrics, not of traces"
  return undefined
}
