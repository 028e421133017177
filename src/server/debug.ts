import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { finalizerKinds } from "../../otel/lifetimes/terms.ts"
import { isLoopback } from "../access/loopback.ts"

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
  orphans: Schema.Array(Schema.Struct({ ...lifetime, id: Schema.Int, owned: Schema.Boolean })),
  finalizers: Schema.Array(
    Schema.Struct({
      ...lifetime,
      kind: Schema.Literals(finalizerKinds),
      count: Schema.Int,
      scope: Schema.String,
      place: Schema.String,
    }),
  ),
  runningFibers: Schema.Int,
}).annotate({ identifier: "OpenLifetimes" })

/**
 * Whether this machine itself asks: decided by the transport address of the peer, not by what it claims, and by
 * the host that it asked for. A web page in a browser of this machine does not count, whatever `--cors` says.
 * Its origin, or the name that it made resolve to this machine, gives it away.
 */
export const isThisMachine: Effect.Effect<boolean, never, HttpServerRequest.HttpServerRequest> =
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers, peerAddress }) => {
    const peer = Option.getOrElse(peerAddress, () => "")
    const asked = URL.parse(`http://${headers.host ?? ""}`)?.hostname ?? ""
    return isLoopback(peer) && isLoopback(asked) && headers.origin === undefined
  })
