/** Sources that a fiber fills, of the request or of somebody else. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as RcRef from "effect/RcRef"
import * as Stream from "effect/Stream"
import { eventsOf, passOn } from "./bus.ts"
import type { Fails } from "./plan.ts"
import { subscribe } from "./subscriptions.ts"
import type { World } from "./world.ts"

export const queued = Effect.fnUntraced(function* (world: World, client: number, fails: Fails) {
  const queue = yield* Effect.acquireRelease(Queue.unbounded<string, Cause.Done>(), Queue.shutdown)
  const subscription = yield* subscribe(world, client)
  let offered = 0
  const offer = (event: string) =>
    fails === "at once" || (fails === "later" && offered++ > 0)
      ? Effect.fail(new Error("no access"))
      : Queue.offer(queue, event)
  yield* Effect.forkScoped(
    world.ledger.during(
      "pump",
      client,
    )(Effect.andThen(passOn(subscription, offer), Queue.end(queue))),
  )
  return Stream.fromQueue(queue)
})

export const relayed = Effect.fnUntraced(function* (
  world: World,
  client: number,
  owner: "counted" | "application" | "first request",
) {
  const relay = yield* relayOf(world, owner)
  return eventsOf(yield* subscribe(world, client, relay))
})

const relayOf = (world: World, owner: "counted" | "application" | "first request") => {
  switch (owner) {
    case "counted":
      return RcRef.get(world.countedRelay)
    case "application":
      return world.applicationRelay
    case "first request":
      return world.firstRelay
  }
}

export const pumped = Effect.fnUntraced(function* (
  world: World,
  client: number,
  owner: "application" | "first request",
) {
  yield* owner === "application" ? world.applicationPump : world.firstPump
  return eventsOf(yield* subscribe(world, client, world.pumpedBus))
})

export const polled = Effect.fnUntraced(function* (
  world: World,
  client: number,
  kept: "request" | "set" | "nowhere",
) {
  const queue = yield* Queue.unbounded<string>()
  const poll = Effect.andThen(Effect.sleep("10 millis"), Queue.offer(queue, "tick")).pipe(
    Effect.forever,
    world.ledger.during("poller", client),
  )
  if (kept === "request") yield* Effect.forkScoped(poll)
  else if (kept === "set") yield* FiberSet.run(world.pollers, poll)
  else {
    const fiber = yield* Effect.forkDetach(poll)
    world.progress.afterwards(Fiber.interrupt(fiber))
  }
  return Stream.fromQueue(queue)
})
