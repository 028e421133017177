import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Bus } from "./bus.ts"

/**
 * Publishes a `server.heartbeat` event every 10 s. It goes through the bus: if the subscription of a stream is
 * dead, that shows. A heartbeat merged into each stream would hide it.
 */
export const layerHeartbeat: Layer.Layer<never, never, Bus> = Layer.effectDiscard(
  Effect.gen(function* () {
    const bus = yield* Bus
    const beat = bus.publish({ type: "server.heartbeat", properties: {} })
    yield* beat.pipe(Effect.delay("10 seconds"), Effect.repeat(Schedule.forever), Effect.forkScoped)
  }),
)
