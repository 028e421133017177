import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** What a handler may ask for. */
export type Handler = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  Scope.Scope | HttpServerRequest.HttpServerRequest
>

/**
 * Answers a request in process as a server does: the fiber of the request runs the body, and its
 * scope closes when the body has ended. There is no socket.
 */
export const answer = (
  handler: Handler,
  method: "GET" | "HEAD" | "POST" = "GET",
  path = "/event?since=1",
  request = new Request(`http://localhost${path}`, { method }),
): Effect.Effect<void> =>
  HttpEffect.toHandled(Effect.interruptible(handler), (_, { body }) =>
    method === "GET" && body._tag === "Stream"
      ? Effect.interruptible(Stream.runDrain(body.stream))
      : Effect.void,
  ).pipe(
    Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request)),
  )

/** An event stream whose events are of no interest. */
export const eventStream = (
  body: Stream.Stream<unknown, unknown>,
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    Stream.map(body, () => new Uint8Array(1)),
    { contentType: "text/event-stream" },
  )
