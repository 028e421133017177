/** Sources that subscribe for a request, in its handler or in its body. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { forkTracedScope } from "../../otel/index.ts"
import { eventsOf } from "./bus.ts"
import { asError, type Events } from "./events.ts"
import { nested } from "./parts.ts"
import type { Owner } from "./plan.ts"
import type { World } from "./world.ts"

const hello = Stream.make("hello")

/** Subscribes in the current scope, and keeps books about it. */
export const subscribe = Effect.fnUntraced(function* (
  world: World,
  client: number,
  pubsub: PubSub.PubSub<string> = world.bus,
) {
  const subscription = yield* world.subscribe(pubsub)
  yield* world.ledger.scoped("subscription", client)
  return subscription
})

export const subscribed = Effect.fnUntraced(function* (
  world: World,
  client: number,
  owner: Owner,
  greets: boolean,
) {
  if (owner === "own") return yield* subscribedInOwn(world, client, greets)
  const subscription = yield* subscribeIn(world, client, owner)
  const events = eventsOf(subscription)
  return greets ? Stream.concat(hello, events) : events
})

/** In a scope that the request makes itself, and its body closes. */
const subscribedInOwn = Effect.fnUntraced(function* (
  world: World,
  client: number,
  greets: boolean,
) {
  const own = yield* Scope.make()
  const subscription = yield* Scope.provide(subscribe(world, client), own)
  const events = eventsOf(subscription)
  return (greets ? Stream.concat(hello, events) : events).pipe(
    Stream.ensuring(Scope.close(own, Exit.void)),
  )
})

const subscribeIn = Effect.fnUntraced(function* (
  world: World,
  client: number,
  owner: Exclude<Owner, "own">,
) {
  const mine = subscribe(world, client)
  switch (owner) {
    case "request":
      return yield* mine
    case "nested":
      return yield* nested(world, mine)
    case "connection":
      return yield* Scope.provide(mine, yield* connection(world))
    case "application":
      return yield* Scope.provide(mine, world.application)
    case "closed":
      return yield* Scope.provide(mine, world.closed)
  }
})

/** A scope that ends with the application, and with the request. */
const connection = ({ plan, application }: World) =>
  Effect.acquireRelease(
    plan.helpers.scope ? forkTracedScope(application, "connection") : Scope.fork(application),
    (scope) => Scope.close(scope, Exit.void),
  )

export const lazy = (
  world: World,
  client: number,
  greets: "never" | "after" | "before",
): Stream.Stream<string> => {
  const { progress } = world
  const opened = Stream.unwrap(
    Effect.map(
      Effect.suspend(() => subscribe(world, client)),
      (subscription) => {
        progress.ready(client)
        const events = eventsOf(subscription)
        return greets === "after" ? Stream.concat(hello, events) : events
      },
    ),
  )
  return greets === "before" ? Stream.concat(hello, opened) : opened
}

/** It is made when the body begins, because it reads ahead as soon as it is there. */
export const throughReadable = (events: Stream.Stream<string>): Events =>
  Stream.unwrap(
    Effect.map(Stream.toReadableStreamEffect(events), (readable) =>
      Stream.fromReadableStream({ evaluate: () => readable, onError: asError }),
    ),
  )

/** A generator that waits for its next event cannot be told to stop. */
export const parked = Effect.fnUntraced(function* (world: World, client: number) {
  const iterable = yield* Stream.toAsyncIterableEffect(lazy(world, client, "never"))
  async function* generator() {
    for await (const event of iterable) yield event
  }
  return Stream.fromAsyncIterable(generator(), asError)
})
