import { randomUUID } from "node:crypto"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
} from "@opentelemetry/sdk-trace-node"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { SERVICE_INSTANCE_ID, SERVICE_NAME } from "../attributes.ts"
import { Lifetimes, type LifetimesOptions } from "../instrument/lifetimes.ts"
import { LifetimeSink } from "../instrument/sink.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import { CutOffCounter, CutOffListener } from "./cut-off.ts"
import { LossCounter } from "./loss.ts"
import { ReservedIds } from "./reserved-ids.ts"
import { sdkSink } from "./sdk-sink.ts"
import { type TelemetrySettings, tracesUrl, withoutCredentials } from "./settings.ts"
import { ScopelineTracer } from "./tracer.ts"

export interface TelemetryOptions extends LifetimesOptions {
  /** Enter an OpenTelemetry context for every primitive; needed by other instrumentation, and slow. */
  readonly enterContext?: boolean
}

/** How long the last spans may take to leave before the program goes on without them. */
const flushMillis = 1500

/**
 * Records the lifetimes of everything under it, and exports them as spans over OTLP/HTTP where the
 * settings name an endpoint. Give it to the whole program, outermost.
 */
export const layerTelemetry = (
  settings: TelemetrySettings,
  options: TelemetryOptions = {},
): Layer.Layer<Lifetimes> => {
  const lifetimes = Lifetimes.layer(options)
  const { endpoint } = settings
  if (endpoint === undefined) return lifetimes
  const exporter = layerExport(settings, tracesUrl(endpoint), options)
  return Layer.provideMerge(lifetimes, exporter)
}

const layerExport = (settings: TelemetrySettings, url: string, options: TelemetryOptions) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const now = () => fromNanos(clock.currentTimeNanosUnsafe())
      const pipeline = yield* Effect.acquireRelease(openPipeline(settings, url, now), (opened) =>
        Effect.andThen(
          closePipeline(opened),
          Effect.sync(() => opened.cutOff.close(now())),
        ),
      )
      const flush = () => void pipeline.provider.forceFlush().catch(() => {}) // losses are counted
      const tracer = yield* pipeline.tracer.make(options.enterContext ?? false)
      return Context.make(Tracer.Tracer, tracer).pipe(
        Context.add(
          LifetimeSink,
          sdkSink(settings.serviceName, pipeline.sdk, pipeline.ids, now, flush),
        ),
      )
    }),
  )

const openPipeline = Effect.fnUntraced(function* (
  settings: TelemetrySettings,
  url: string,
  now: () => Micros,
) {
  const context = yield* Effect.context<never>()
  const shown = withoutCredentials(url)
  const warn = (reason: string) =>
    Effect.runForkWith(context)(
      Effect.logWarning(
        `The collector at ${shown} takes no spans (${reason}); the program goes on.`,
      ),
    )
  const isolated = !settings.fromEnvironment
  const exporter = new OTLPTraceExporter(isolated ? { url, timeoutMillis: 5000 } : { url })
  const cutOff = new CutOffCounter(yield* CutOffListener)
  const losses = new LossCounter(exporter, warn, cutOff)
  const ids = new ReservedIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({
      [SERVICE_INSTANCE_ID]: randomUUID(),
      ...settings.resource,
      [SERVICE_NAME]: settings.serviceName,
    }),
    spanProcessors: [losses, new BatchSpanProcessor(losses, isolated ? isolatedBatching : {})],
    ...(isolated ? { sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }) } : {}),
  })
  const sdk = provider.getTracer("scopeline")
  const tracer = new ScopelineTracer(sdk, cutOff, now)
  return { shown, provider, sdk, losses, ids, cutOff, tracer }
})

/** The SDK's own defaults, but for a delay that a person at a terminal does not notice. */
const isolatedBatching = {
  scheduledDelayMillis: 1000,
  exportTimeoutMillis: 5000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
}

const closePipeline = Effect.fnUntraced(function* (
  pipeline: Effect.Success<ReturnType<typeof openPipeline>>,
) {
  pipeline.tracer.endOpen()
  // The provider's flush does not wait for what the timer has already sent; the exporter's does.
  const flush = Effect.andThen(
    Effect.ignore(Effect.tryPromise(() => pipeline.provider.forceFlush())),
    Effect.ignore(Effect.tryPromise(() => pipeline.losses.forceFlush())),
  )
  yield* flush.pipe(Effect.interruptible, Effect.timeoutOption(flushMillis))
  const { lost } = pipeline.losses
  if (lost > 0) {
    const spans = lost === 1 ? "1 span was" : `${lost} spans were`
    yield* Effect.logWarning(`${spans} lost: the collector at ${pipeline.shown} did not take them.`)
  }
  yield* Effect.ignore(Effect.tryPromise(() => pipeline.provider.shutdown())).pipe(
    Effect.forkDetach,
  )
})
