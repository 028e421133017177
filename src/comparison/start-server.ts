import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { VARIANT } from "../../otel/attributes.ts"
import type { TelemetrySettings } from "../../otel/export/settings.ts"
import { Lifetimes, type OpenNow } from "../../otel/index.ts"
import { buildAlone, isolatedSettings } from "../probe/isolated.ts"
import { layerServer, ServerAddress } from "../server/server.ts"
import type { VariantName } from "../server/variant-name.ts"

interface ObservedServer {
  readonly variant: VariantName
  /** What its spans call it; `scopeline-sse` by default, for all variants. */
  readonly service?: string
  /** The address of the collector that its spans go to. */
  readonly collector: string
  /** The origin that browsers may call from. */
  readonly cors?: string
  /** How long a span that ended may wait for others; 1 s by default. */
  readonly batchDelay?: Duration.Input
}

interface StartedServer {
  readonly address: string
  /** What it has open. */
  readonly openNow: Effect.Effect<OpenNow>
}

/** A server on a free port of this machine, ended with the scope. */
export const startServer = (
  { variant, service = "scopeline-sse", collector, cors, batchDelay }: ObservedServer,
  telemetry: (settings: TelemetrySettings) => Layer.Layer<Lifetimes>,
) =>
  layerServer({
    variant,
    host: "127.0.0.1",
    port: 0,
    ...(cors === undefined ? {} : { cors }),
  }).pipe(
    Layer.provideMerge(
      telemetry({
        ...isolatedSettings(collector, service, { [VARIANT]: variant }),
        ...(batchDelay === undefined ? {} : { batchDelay }),
      }),
    ),
    buildAlone,
    Effect.map(
      (context): StartedServer => ({
        address: Context.get(context, ServerAddress),
        openNow: Context.get(context, Lifetimes).openNow,
      }),
    ),
  )
