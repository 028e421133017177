import { Effect, Layer } from "effect"
import { layerTelemetry, settingsFromEnvironment } from "../../otel/index.ts"

/** What a program adds to be seen. */
export const telemetryFromEnvironment = Layer.unwrap(
  Effect.map(settingsFromEnvironment({ serviceName: "ticks" }), (settings) =>
    layerTelemetry(settings),
  ),
)
