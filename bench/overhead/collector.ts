// The collector of a measurement, in a process of its own: it reads and keeps spans as `collect` does.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerEmbedded, Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { answer } from "../child.ts"

const program = Effect.gen(function* () {
  const { url } = yield* Receiver
  const store = yield* TraceStore
  const spans = Effect.map(store.counts, (counts) => counts.spans + counts.evictedSpans)
  answer({ port: () => Number(new URL(url).port), spans: () => Effect.runPromise(spans) })
  yield* Effect.callback<void>((resume) => {
    process.once("disconnect", () => resume(Effect.void))
  })
})

await program.pipe(Effect.provide(Layer.fresh(layerEmbedded)), Effect.runPromise)
process.exit(0)
