import * as Effect from "effect/Effect"
import * as HttpServerError from "effect/http/HttpServerError"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"

/** What the caller is told; the cause is in the log. */
export const internalError = "The server failed to answer. Its log says why."

/** Turns a failure that would be an empty 500 into what `answer` gives, and logs it. */
export const answerFailures =
  (answer: () => HttpServerResponse.HttpServerResponse) =>
  <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.catchCause(app, (cause) =>
      Effect.flatMap(HttpServerError.causeResponse(cause), ([response]) =>
        response.status === 500 && response.body._tag === "Empty"
          ? Effect.as(Effect.logError("A request failed.", cause), answer())
          : Effect.failCause(cause),
      ),
    )
