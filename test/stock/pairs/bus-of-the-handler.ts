import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { type Around, getsSteps, greeting } from "../steps.ts"

const makeBus = PubSub.unbounded<string>()

/** A handler uses a PubSub as a resource, and its response reads it. There is no scope. */
const watch = (around: Around<PubSub.PubSub<string>>) => {
  const steps = Effect.fn("steps")(function* () {
    return yield* around(
      Effect.fnUntraced(function* (bus) {
        const subscription = yield* PubSub.subscribe(bus)
        yield* Effect.forkScoped(Effect.forever(Effect.delay(PubSub.publish(bus, "step"), 20)))
        return greeting(Stream.fromSubscription(subscription))
      }),
    )
  })
  return getsSteps("/bus-of-the-handler", steps())
}

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "steps",
  broken: watch((use) => Effect.acquireUseRelease(makeBus, use, PubSub.shutdown)),
  fixed: watch((use) => Effect.flatMap(Effect.acquireRelease(makeBus, PubSub.shutdown), use)),
}
