import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { TelemetrySettings } from "../../otel/index.ts"

/** Settings of a program in whose spans the environment of whoever runs it changes nothing. */
export const isolatedSettings = (
  url: string,
  serviceName: string,
  resource: Readonly<Record<string, string>> = {},
): TelemetrySettings => ({
  endpoint: { url, exact: false },
  serviceName,
  resource,
  fromEnvironment: false,
})

/** Programs in one process share nothing, not even Layers that are the same. */
export const buildAlone = <A, E, R>(layer: Layer.Layer<A, E, R>) =>
  Effect.flatMap(Effect.scope, (scope) =>
    Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope),
  )
