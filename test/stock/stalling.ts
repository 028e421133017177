/** A client that stops to read, and a handler with and without the repair of `slow-consumer`. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { stalled } from "./clients.ts"
import { flood } from "./flood.ts"
import type { Pair, Program } from "./pair.ts"
import { within } from "./running-time.ts"
import { serve } from "./serving.ts"
import { settle, sse } from "./stage.ts"

type Events = PubSub.Subscription<string>
type Guard = (
  subscription: Events,
) => Effect.Effect<unknown, never, Scope.Scope | HttpServerRequest.HttpServerRequest>

const resetConnection = Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
  NodeHttpServerRequest.toServerResponse(request).destroy(),
)

/** To the letter as the rule has it: a test compares the two. */
const resetWhenBehind: Guard = (subscription) =>
  PubSub.remaining(subscription).pipe(
    Effect.repeat({
      schedule: Schedule.spaced("100 millis"),
      until: (waiting) => waiting > 1000,
    }),
    // destroys the response of the platform
    Effect.andThen(resetConnection),
    Effect.forkScoped,
  )

/** Whether nobody waits for the client, and it gets all events or knows that it does not. */
const watch = (
  path: `/${string}`,
  makeBus: Effect.Effect<PubSub.PubSub<string>>,
  guard: Guard,
): Program =>
  Effect.gen(function* () {
    const bus = yield* makeBus
    const subscribe = Effect.fn("subscribe")(function* () {
      const subscription = yield* PubSub.subscribe(bus)
      yield* guard(subscription)
      return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
    })
    const url = yield* serve(HttpRouter.add("GET", path, subscribe()))
    const client = yield* stalled(url + path)
    const publishing = yield* Effect.forkScoped(flood((event) => PubSub.publish(bus, event)))
    yield* within(Fiber.await(publishing), 2_000)
    const isPublished = publishing.pollUnsafe() !== undefined
    yield* settle
    client.read()
    const right = yield* client.until(({ events, end }) => events.length > 2400 || end === "reset")
    yield* client.leave
    yield* settle
    return isPublished && right
  })

/** The bus has a capacity; then it is repaired as the rule says. */
export const repaired = (
  path: `/${string}`,
  makeBus: Effect.Effect<PubSub.PubSub<string>>,
): Pair => ({
  rule: "slow-consumer",
  broken: watch(path, makeBus, () => Effect.void),
  fixed: watch(path, PubSub.unbounded<string>(), resetWhenBehind),
})
