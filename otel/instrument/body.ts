import * as HttpBody from "effect/http/HttpBody"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { LiveLifetimes } from "./lifetimes.ts"
import type { ExchangeRecord } from "./records.ts"
import { observeStream } from "./stream.ts"

/** What a body is called that has no name of its own. */
const bodyName = "body"

/**
 * The same response, with the run of its body recorded where that is a stream. A traced stream that the
 * body begins with is recorded in its place, under its own name.
 */
export const observeBody = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  const { body, headers } = response
  if (body._tag !== "Stream") return response
  const stream = observeStream(lifetimes, bodyName, body.stream, exchange)
  return HttpServerResponse.setHeaders(
    HttpServerResponse.setBody(
      response,
      HttpBody.stream(stream, body.contentType, body.contentLength),
    ),
    headers,
  )
}
