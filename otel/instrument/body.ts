import * as HttpBody from "effect/http/HttpBody"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { ExchangeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { observeStream } from "./traced/stream.ts"

/** What a body is called that has no name of its own. */
const bodyName = "body"

/**
 * The same response, with the run of its body recorded where that is a stream. A traced stream that the
 * body begins with is recorded in its place, under its own name.
 */
export const observeBody = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  const { body } = response
  if (body._tag !== "Stream") return response
  const stream = observeStream(registry, bodyName, body.stream, exchange)
  return withBody(response, HttpBody.stream(stream, body.contentType, body.contentLength))
}

/** Not by `HttpServerResponse.setBody`, which makes new headers of its own from the body. */
const withBody = (
  response: HttpServerResponse.HttpServerResponse,
  body: HttpBody.Stream,
): HttpServerResponse.HttpServerResponse =>
  Object.assign(Object.create(Object.getPrototypeOf(response)), response, { body })
