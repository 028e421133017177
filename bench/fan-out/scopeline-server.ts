// The event server as `scopeline serve --fixed` runs it.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerTelemetry, settingsFromEnvironment } from "../../otel/index.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"
import { answer } from "../child.ts"
import { cpuMillis, heapBytes } from "../usage.ts"

const program = Effect.gen(function* () {
  const settings = yield* settingsFromEnvironment({ serviceName: "bench" })
  const server = yield* layerServer({ variant: "fixed", host: "127.0.0.1", port: 0 }).pipe(
    Layer.provide(layerTelemetry(settings)),
    Layer.build,
  )
  const { port } = new URL(Context.get(server, ServerAddress))
  answer({ port: () => Number(port), cpu: cpuMillis, heap: heapBytes })
  yield* Effect.callback<void>((resume) => {
    process.once("disconnect", () => resume(Effect.void))
  })
})

await program.pipe(Effect.scoped, Effect.runPromise)
process.exit(0)
