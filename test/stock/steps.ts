/** A response that sends a greeting, and then steps as they come. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import { serve } from "./serving.ts"
import { settle, sse } from "./stage.ts"

export type Handler = Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** A handler that makes something, uses it for its response, and gives it back at some time. */
export type Around<A> = (use: (made: A) => Handler) => Handler

export const greeting = (steps: Stream.Stream<string>) =>
  sse(Stream.concat(Stream.make("hello"), steps))

/** Whether a client gets more than one step. */
export const getsSteps = Effect.fnUntraced(function* (path: `/${string}`, handler: Handler) {
  const url = yield* serve(HttpRouter.add("GET", path, handler))
  const client = yield* connected(url + path)
  const right = yield* client.until((it) => it.count("step") > 1)
  yield* client.leave
  yield* settle
  return right
})
