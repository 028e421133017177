import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { type AccessRules, whyRefused } from "./access-rules.ts"

const asText = (reason: string) => HttpServerResponse.text(`${reason}\n`, { status: 403 })

/** Answers requests that the rules allow. All others get what `refuse` makes of the reason. */
export const guard =
  (
    rules: AccessRules,
    refuse: (reason: string) => HttpServerResponse.HttpServerResponse = asText,
  ) =>
  <E, R>(
    app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  ): Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    E,
    R | HttpServerRequest.HttpServerRequest
  > =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
      const reason = whyRefused({ host: headers.host, origin: headers.origin }, rules)
      return reason === undefined ? app : Effect.succeed(refuse(reason))
    })
