// Ends spans for as long as it is asked to, with whatever collector the environment names.
import { Effect, ManagedRuntime } from "effect"
import { answer } from "../../bench/child.ts"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"

const runtime = ManagedRuntime.make(layerTelemetryFromEnvironment({ serviceName: "flood" }))

const spans = 10_000
const atOnce = 500

/** Some in each turn of the event loop, as in a server that is busy. */
const flood = Effect.gen(function* () {
  for (let ended = 0; ended < spans; ended += atOnce) {
    for (let one = 0; one < atOnce; one++) {
      yield* Effect.void.pipe(Effect.withSpan("work", { attributes: { "work.number": one } }))
    }
    yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
  }
})

answer({
  flood: async () => {
    await runtime.runPromise(flood)
    return spans
  },
  /** Bytes of the heap and beside it, when all garbage is gone. */
  memory: () => {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  },
})

process.once("disconnect", () => process.exit())
