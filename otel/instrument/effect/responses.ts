import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpEffect from "effect/http/HttpEffect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

type Response = HttpServerResponse.HttpServerResponse

/** Whether Effect lets a response be changed before it is sent. */
export const canChangeResponses = typeof HttpEffect.appendPreResponseHandlerUnsafe === "function"

/** Changes the response of the request that a fiber serves, before the platform writes its head. */
export const beforeResponse = (fiber: AnyFiber, change: (response: Response) => Response): void =>
  HttpEffect.appendPreResponseHandlerUnsafe(fiber.context, (_, response) =>
    Effect.succeed(harmlessly(() => change(response), response)),
  )

/**
 * The same response, with another stream for its body where that is one. Not by `HttpServerResponse.setBody`, which makes new
 * headers of its own from the body.
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
  // The platform puts the response into the cause of a client that left, and Effect hashes that whole, body and all.
  return Equal.byReferenceUnsafe(copy)
}

/** What `HttpClientResponse.ts` marks a response with; most programs do not load that. */
const clientResponse = "~effect/http/HttpClientResponse"

/** Whether it is the answer of another server, whose body is read later. */
export const isAnswerOfAnother = (value: unknown): boolean =>
  typeof value === "object" && value !== null && clientResponse in value
