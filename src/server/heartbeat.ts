import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Bus } from "./bus.ts"

/**
 * Publishes a `server.heartbeat` event every 10 s. It goes through the bus, so that a stream whose
 * subscription is dead is seen to be dead: a heartbeat merged into each stream would hide that.
 */
export const layerHeartbeat: Layer.Layer<never, never, Bus> = Layer.effectDiscard(
  Effect.gen(function* () {
    const bus = yield* Bus
    const beat = bus.publish({ type: "server.heartbeat", properties: {} })
    yield* beat.pipe(Effect.delay("10 seconds"), Effect.repeat(Schedule.forever), Effect.forkScoped)
  }),
)
