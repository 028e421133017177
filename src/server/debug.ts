import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const lifetime = { name: Schema.String, ageMs: Schema.Number, exchange: Schema.String }

/** The form of `GET /debug/lifetimes`; ages are in milliseconds. */
export const OpenLifetimes = Schema.Struct({
  exchanges: Schema.Array(Schema.Struct(lifetime)),
  scopes: Schema.Array(Schema.Struct({ ...lifetime, role: Schema.String, owner: Schema.String })),
  subscriptions: Schema.Array(
    Schema.Struct({
      ...lifetime,
      owner: Schema.String,
      delivered: Schema.Int,
      readers: Schema.Int,
    }),
  ),
  streams: Schema.Array(Schema.Struct({ ...lifetime, events: Schema.Int })),
  fibers: Schema.Array(Schema.Struct({ ...lifetime, id: Schema.Int })),
  runningFibers: Schema.Int,
}).annotate({ identifier: "OpenLifetimes" })

/** Whether the peer is this machine itself, by its transport address and not by what it claims. */
export const isLoopback: Effect.Effect<boolean, never, HttpServerRequest.HttpServerRequest> =
  Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
    const address = Option.getOrElse(request.peerAddress, () => "").replace(/^::ffff:/, "")
    return address === "::1" || address.startsWith("127.")
  })
