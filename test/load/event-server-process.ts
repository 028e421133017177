// The event server with its fixed stream, in a process of its own that answers how much it takes.
import { readdirSync } from "node:fs"
import { Context, Effect, Layer, ManagedRuntime } from "effect"
import { answer } from "../../bench/child.ts"
import { heapBytes } from "../../bench/usage.ts"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"

const stall = Number(process.env.LOAD_STALL ?? 60_000)

const server = layerServer({ variant: "fixed", host: "127.0.0.1", port: 0, stall }).pipe(
  Layer.provide(layerTelemetryFromEnvironment({ serviceName: "load" })),
)
const runtime = ManagedRuntime.make(server)
const address = await runtime.runPromise(
  Effect.contextWith((context: Context.Context<ServerAddress>) =>
    Effect.succeed(Context.get(context, ServerAddress)),
  ),
)

/** The most that was seen since the last time it was asked for. */
let most = 0
const watch = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss())
}, 100)
watch.unref()

answer({
  port: () => Number(new URL(address).port),
  heap: heapBytes,
  descriptors: () => readdirSync("/dev/fd").length,
  mostResident: () => {
    const seen = Math.max(most, process.memoryUsage.rss())
    most = 0
    return seen
  },
})

process.once("disconnect", () => process.exit())
