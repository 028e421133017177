import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Events } from "./events.ts"
import { release } from "./ledger.ts"
import { runPart } from "./parts.ts"
import type { Operator } from "./plan.ts"
import type { World } from "./world.ts"

/** What only a handler has: which project its request is about. */
export const Instance = Context.Reference<string | undefined>("truth/Instance", {
  defaultValue: () => undefined,
})

/** Everybody has one, and a request another. */
export const Tenant = Context.Reference<string>("truth/Tenant", { defaultValue: () => "public" })

const instance = Effect.flatMap(Instance, (name) =>
  name === undefined
    ? Effect.die(new Error("No context found for instance"))
    : Effect.succeed(name),
)

/** The same events, through one more operator. */
export const applyOperator =
  (world: World, client: number) =>
  (events: Events, operator: Operator): Events => {
    switch (operator.by) {
      case "buffer":
        return Stream.buffer(events, { capacity: operator.capacity })
      case "mapEffect":
        return Stream.mapEffect(events, (it) => Effect.as(Effect.sleep(operator.millis), it), {
          concurrency: operator.concurrency,
        })
      case "tap":
        return Stream.tap(events, () => Effect.yieldNow)
      case "rechunk":
        return Stream.rechunk(events, 1)
      case "groupedWithin":
        return Stream.flattenIterable(Stream.groupedWithin(events, 3, "4 millis"))
      case "ensuring":
        return Stream.suspend(() => {
          const entry = world.ledger.acquire("body", client, "exchange")
          return Stream.ensuring(events, release(entry))
        })
      case "throttle":
        return Stream.throttle(Stream.rechunk(events, 1), {
          cost: (chunk) => chunk.length,
          units: 20,
          duration: "10 millis",
        })
      case "flatMap":
        return Stream.flatMap(events, (it) => Stream.make(it))
      case "switchMap":
        return Stream.switchMap(events, (it) => Stream.make(it))
      case "debounce":
        return Stream.debounce(events, "3 millis")
      case "retry":
        return Stream.retry(events, Schedule.recurs(1))
      case "scoped":
        return Stream.unwrap(Effect.as(world.ledger.scoped("cursor", client), events))
      case "timeout":
        return Stream.timeout(events, operator.millis)
      case "interruptWhen":
        return Stream.interruptWhen(events, Effect.sleep(operator.millis))
      case "haltWhen":
        return Stream.haltWhen(events, Effect.sleep(operator.millis))
      case "take":
        return Stream.take(events, operator.count)
      case "takeUntil":
        return Stream.takeUntil(events, (_, index) => index + 1 >= operator.count)
      case "mergeEmpty":
        return Stream.merge(events, Stream.empty)
      case "share":
        return Stream.unwrap(Stream.share(events, { capacity: 16 }))
      case "linger":
        return Stream.ensuring(events, Effect.sleep(operator.millis))
      case "reference":
        return Stream.filterEffect(events, () => Effect.map(Tenant, (it) => it === "acme"))
      case "part":
        return Stream.tap(events, () => Effect.scoped(runPart(world, client, operator.part)))
      case "fail":
        return Stream.mapEffect(Stream.zipWithIndex(events), ([it, index]) =>
          index >= operator.at ? Effect.fail(new Error("cannot encode")) : Effect.succeed(it),
        )
      case "context":
        return Stream.tap(events, () => instance)
    }
  }
