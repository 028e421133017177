import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpEffect from "effect/http/HttpEffect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

type Response = HttpServerResponse.HttpServerResponse

/** Whether Effect lets us change a response before it is sent. */
export const canChangeResponses = typeof HttpEffect.appendPreResponseHandlerUnsafe === "function"

/** Changes the response of the request that a fiber serves, before the platform writes the head. */
export const beforeResponse = (fiber: AnyFiber, change: (response: Response) => Response): void =>
  HttpEffect.appendPreResponseHandlerUnsafe(fiber.context, (_, response) =>
    Effect.succeed(harmlessly(() => change(response), response)),
  )

/**
 * The same response with another stream as its body, if its body is a stream. It does not use
 * `HttpServerResponse.setBody`, which makes new headers from the body.
 */
export const withStream = (
  response: Response,
  change: (stream: HttpBody.Stream["stream"]) => HttpBody.Stream["stream"],
): Response => {
  const { body } = response
  if (body._tag !== "Stream") return response
  const changed = HttpBody.stream(change(body.stream), body.contentType, body.contentLength)
  const copy = Object.assign(Object.create(Object.getPrototypeOf(response)), response, {
    body: changed,
  })
  // The platform puts the response into the cause of a client that left. Effect hashes this cause completely,
  // body included.
  return Equal.byReferenceUnsafe(copy)
}

/** The mark of `HttpClientResponse.ts` on a response. Most programs do not load that module. */
const clientResponse = "~effect/http/HttpClientResponse"

/** Whether it is the answer of another server, whose body is read later. */
export const isAnswerOfAnother = (value: unknown): boolean =>
  typeof value === "object" && value !== null && clientResponse in value
