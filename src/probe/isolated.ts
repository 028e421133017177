import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SERVICE_VERSION } from "../../otel/attributes.ts"
import type { TelemetrySettings } from "../../otel/index.ts"
import packageJson from "../../package.json" with { type: "json" }

/** Settings of a program of this package. The environment does not change its spans. */
export const isolatedSettings = (
  url: string,
  serviceName: string,
  resource: Readonly<Record<string, string>> = {},
): TelemetrySettings => ({
  endpoint: { url, exact: false },
  serviceName,
  resource: { [SERVICE_VERSION]: packageJson.version, ...resource },
  fromEnvironment: false,
})

/** Programs in one process share nothing, not even identical Layers. */
export const buildAlone = <A, E, R>(layer: Layer.Layer<A, E, R>) =>
  Effect.flatMap(Effect.scope, (scope) =>
    Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope),
  )
