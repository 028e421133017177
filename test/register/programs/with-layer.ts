/** A program that brings the Layer along. */
import { Effect, Layer, ManagedRuntime } from "effect"
import { layerTelemetryFromEnvironment, openNow } from "../../../otel/index.ts"
import { address, path, server, visit } from "./ticks.ts"

const telemetry = layerTelemetryFromEnvironment({ serviceName: "with-layer" })
const runtime = ManagedRuntime.make(Layer.provideMerge(server, telemetry))
console.log(await visit((await runtime.runPromise(address)) + path))
console.log((await runtime.runPromise(openNow)).exchanges.length)
await runtime.dispose()
await Effect.runPromise(Effect.void)
