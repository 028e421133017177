import { Effect } from "effect"
import { guarded, LifetimeError } from "../../otel/testing/index.ts"
import { layerEmbedded, Receiver } from "../../src/collector/receiver.ts"
import type { Play } from "../../src/scenarios/scenario.ts"
import { Collector } from "../../src/scenarios/stage.ts"

/** What a guarded test of this program fails with; `undefined` where it passes. */
export const failureOfPlay = (play: Play) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const program = Effect.as(Effect.provideService(play, Collector, url), undefined)
    return yield* program.pipe(
      guarded({ grace: "300 millis" }),
      Effect.catch((error) =>
        error instanceof LifetimeError ? Effect.succeed(error) : Effect.fail(error),
      ),
    )
  }).pipe(Effect.provide(layerEmbedded, { local: true }))
