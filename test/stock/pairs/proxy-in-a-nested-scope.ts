import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

const path = "/proxy-in-a-nested-scope"

/** Passes on what another server sends, as long as the scope is open in which that was asked. */
const watch = Effect.fnUntraced(function* (
  ask: <A, E, R>(
    asking: Effect.Effect<A, E, R | Scope.Scope>,
  ) => Effect.Effect<A, E, R | Scope.Scope>,
) {
  const origin = yield* serve(
    HttpRouter.add("GET", `${path}/origin`, Effect.succeed(sse(heartbeats))),
  )
  const forward = Effect.fn("forward")(function* () {
    const client = HttpClient.withScope(yield* HttpClient.HttpClient)
    const { stream } = yield* ask(client.get(`${origin}${path}/origin`))
    return HttpServerResponse.stream(stream, { contentType: "text/event-stream" })
  })
  const handler = Effect.provide(forward(), FetchHttpClient.layer)
  const url = yield* serve(HttpRouter.add("GET", path, handler))
  const client = yield* connected(url + path)
  const right = yield* client.until((it) => it.count("heartbeat") > 2)
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "forward",
  broken: watch(Effect.scoped),
  fixed: watch((asking) => asking),
}
