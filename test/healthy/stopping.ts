import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { Lifetimes } from "../../otel/index.ts"
import { connected, gracePassed, serving } from "../../src/scenarios/stage.ts"
import { eventRoute, makeBus } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

/** A client watches a server that stops, after it has done what it does before. */
const stopping = (before: (bus: PubSub.PubSub<string>) => Effect.Effect<void, never, Lifetimes>) =>
  Effect.gen(function* () {
    const bus = yield* makeBus
    const lifetime = yield* Scope.make()
    const server = yield* serving(eventRoute(bus)).pipe(Scope.provide(lifetime))
    const client = yield* connected(`${server}/event`)
    yield* gracePassed
    yield* before(bus)
    yield* Scope.close(lifetime, Exit.void)
    yield* client.until(() => false)
    yield* gracePassed
  })

const theServerStops: Healthy = {
  title: "the server stops under an open stream",
  exchanges: ["GET /event shutdown"],
  play: stopping(() => Effect.void),
}

const theServerEndsItsStreams: Healthy = {
  title: "the server ends its streams, and then stops",
  exchanges: ["GET /event shutdown"],
  play: stopping(
    Effect.fnUntraced(function* (bus) {
      const lifetimes = yield* Lifetimes
      lifetimes.beginShutdown()
      yield* PubSub.shutdown(bus)
    }),
  ),
}

export const stoppingServers = [theServerStops, theServerEndsItsStreams]
