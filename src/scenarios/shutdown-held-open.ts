import { createServer } from "node:http"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { shutdownHeldOpen } from "../../otel/lifetimes/rules/shutdown-held-open.ts"
import type { Scenario } from "./scenario.ts"
import { connected, serving, sse } from "./stage.ts"

/** The server stops with a client connected, and waits for at most 1.2 s. */
const stop = Effect.fnUntraced(function* (
  prepare: (bus: PubSub.PubSub<string>) => Effect.Effect<void, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
  const handler = Effect.map(subscribeTraced(bus), (subscription) =>
    sse(
      "event",
      Stream.concat(Stream.make("server.connected"), Stream.fromSubscription(subscription)),
    ),
  )
  const routes = HttpRouter.add("GET", "/event", handler)
  const outside = yield* Effect.scope
  const running = Effect.gen(function* () {
    const server = yield* serving(routes, createServer, "1200 millis")
    yield* prepare(bus)
    yield* connected(`${server}/event`).pipe(Scope.provide(outside))
  })
  yield* Effect.scoped(running)
})

export const scenario: Scenario = {
  rule: shutdownHeldOpen,
  summary: "A server that stops waits for an event stream that has no end.",
  repair:
    "The bus is shut down first: the streams that read it end, and the server has nothing to wait for.",
  // Nothing ends the stream.
  broken: stop(() => Effect.void),
  // Runs before the server closes.
  fixed: stop((bus) => Effect.addFinalizer(() => PubSub.shutdown(bus))),
}
