import { Context, Effect, Layer } from "effect"
import { layerTelemetry, type TelemetrySettings } from "../../otel/index.ts"
import { layerEmbedded, Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { type ProbeOptions, probeCollecting } from "../../src/probe/probe.ts"
import { plainRequest } from "../../src/probe/traced-client.ts"
import { parseTrigger } from "../../src/probe/trigger.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"
import type { VariantName } from "../../src/server/variant-name.ts"

/** Leaves a moment after it has come, unless a test says otherwise. */
export const probing = (url: string, options: Partial<ProbeOptions> = {}): ProbeOptions => ({
  url,
  request: plainRequest,
  connections: 1,
  hold: 50,
  trigger: undefined,
  baseline: undefined,
  expectEnd: false,
  patience: 10_000,
  ...options,
})

export const publishing = (type: string) =>
  Effect.orDie(parseTrigger(`POST /event {"type":"${type}","properties":{}}`))

const graceMillis = 100

/** A receiver, servers that send it their spans, and a probe that reads them there. */
export const collecting = Effect.gen(function* () {
  const context = yield* Layer.build(layerEmbedded)
  const telemetry = layerTelemetry(settings(Context.get(context, Receiver).url), {
    grace: graceMillis,
  })
  return {
    telemetry,
    store: Context.get(context, TraceStore),
    server: (variant: VariantName) =>
      layerServer({ variant, host: "127.0.0.1", port: 0 }).pipe(
        Layer.provide(telemetry),
        Layer.build,
        Effect.map((built) => `${Context.get(built, ServerAddress)}/event`),
      ),
    probe: (options: ProbeOptions, wait = 10_000) =>
      probeCollecting(options, { wait, grace: graceMillis * 1000 }).pipe(
        Effect.provideContext(context),
      ),
  }
})

const settings = (url: string): TelemetrySettings => ({
  endpoint: { url, exact: false },
  serviceName: "subject",
  resource: {},
  fromEnvironment: false,
})
