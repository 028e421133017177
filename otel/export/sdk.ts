import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
} from "@opentelemetry/sdk-trace-node"
import packageJson from "../../package.json" with { type: "json" }
import type { SpanStarter } from "./held-span.ts"
import { LossCounter } from "./loss.ts"
import { ReservedIds } from "./reserved-ids.ts"
import { type ResourceOptions, resourceOf } from "./resource.ts"

/** What the SDK is to do, as plain data. */
export interface SdkOptions extends ResourceOptions {
  readonly url: string
  /** Whether the environment says what is not said here. */
  readonly fromEnvironment: boolean
  /** How long a span that ended may wait for others to leave with. */
  readonly batchMillis: number | undefined
}

/** The SDK: makes spans, and sends them in batches. */
export interface Sdk {
  readonly starter: SpanStarter
  readonly ids: ReservedIds
  /** Spans that never reached the collector. */
  readonly lost: () => number
  /** Sends what waits; losses are counted. */
  readonly flush: () => Promise<void>
  /** Waits also for what is on its way already. */
  readonly arrival: () => Promise<void>
  readonly shutdown: () => Promise<void>
}

/** The SDK's own defaults, but for a delay that a person at a terminal does not notice. */
const isolatedBatching = {
  scheduledDelayMillis: 1000,
  exportTimeoutMillis: 5000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
}

/**
 * `takesNone` is told, once, why the collector takes no spans; `arrived` how many it has taken, whenever it has
 * taken some.
 */
export const openSdk = (
  { url, fromEnvironment, batchMillis, ...resource }: SdkOptions,
  takesNone: (reason: string) => void,
  arrived?: (spans: number) => void,
): Sdk => {
  const exporter = new OTLPTraceExporter(fromEnvironment ? { url } : { url, timeoutMillis: 5000 })
  const losses = new LossCounter(exporter, takesNone, arrived)
  const ids = new ReservedIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource: resourceOf(resource),
    spanProcessors: [
      losses,
      new BatchSpanProcessor(losses, {
        ...(fromEnvironment ? {} : isolatedBatching),
        ...(batchMillis === undefined ? {} : { scheduledDelayMillis: batchMillis }),
      }),
    ],
    sampler: new AlwaysOnSampler(), // what is not sampled never comes here
  })
  return {
    starter: provider.getTracer("scopeline", packageJson.version),
    ids,
    lost: () => losses.lost,
    flush: () => provider.forceFlush(),
    arrival: () => losses.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}
