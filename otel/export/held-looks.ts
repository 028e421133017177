import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { heldNow } from "../instrument/held-now.ts"
import { Registry } from "../instrument/records/registry.ts"
import { type HeldOutlet, tellHeld } from "./held-teller.ts"

/** That of the exporter, where `scopeline watch` shows the program. */
class HeldLooks extends Context.Service<HeldLooks, HeldOutlet>()("scopeline/HeldLooks") {}

export const heldLooks = (outlet: HeldOutlet) => Context.make(HeldLooks, outlet)

/** Reports what is recorded under the Layer. */
export const layerHeldLooks: Layer.Layer<never, never, Registry | HeldLooks> = Layer.effectDiscard(
  Effect.gen(function* () {
    const registry = yield* Registry
    const outlet = yield* HeldLooks
    const clock = yield* Clock.Clock
    yield* Effect.acquireRelease(
      Effect.sync(() => tellHeld(() => heldNow(registry), outlet, clock)),
      (end) => Effect.sync(end),
    )
  }),
)
