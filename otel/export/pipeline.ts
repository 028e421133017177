import { randomUUID } from "node:crypto"
import * as Otel from "@opentelemetry/api"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
} from "@opentelemetry/sdk-trace-node"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import { SERVICE_INSTANCE_ID, SERVICE_NAME } from "../attributes.ts"
import { asExporting, entering } from "../instrument/effect/tracer-hook.ts"
import { warn } from "../instrument/warn.ts"
import { counted } from "../lifetimes/counted.ts"
import type { Micros } from "../lifetimes/time.ts"
import { withoutCredentials } from "./address.ts"
import { CutOffCounter, CutOffListener } from "./cut-off.ts"
import { LossCounter } from "./loss.ts"
import { OpenSpans } from "./open-spans.ts"
import { everything, KeepFindings, type Outlet } from "./outlet.ts"
import { ReservedIds } from "./reserved-ids.ts"
import { defaultSampler, type Sampler, samplingOf } from "./sampling.ts"
import type { TelemetrySettings } from "./settings.ts"
import { SpanWriter, spanContext } from "./span-writer.ts"

/** How long the last spans may take to leave before the program goes on without them. */
const flushMillis = 1500

/** The SDK's own defaults, but for a delay that a person at a terminal does not notice. */
const isolatedBatching = {
  scheduledDelayMillis: 1000,
  exportTimeoutMillis: 5000,
  maxQueueSize: 2048,
  maxExportBatchSize: 512,
}

/** From the spans of Effect to the collector. */
export const openPipeline = Effect.fnUntraced(function* (
  settings: TelemetrySettings,
  url: string,
  now: () => Micros,
  markAfter: ReadonlyArray<Micros> = [],
) {
  const shown = withoutCredentials(url)
  const console = yield* Console.Console
  const takesNone = (reason: string) =>
    warn(`The collector at ${shown} takes no spans (${reason}); the program goes on.`, { console })
  const isolated = !settings.fromEnvironment
  const { batchDelay } = settings
  const exporter = new OTLPTraceExporter(isolated ? { url, timeoutMillis: 5000 } : { url })
  const losses = new LossCounter(exporter, takesNone)
  const ids = new ReservedIds()
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({
      [SERVICE_INSTANCE_ID]: randomUUID(),
      ...settings.resource,
      [SERVICE_NAME]: settings.serviceName,
    }),
    spanProcessors: [
      losses,
      new BatchSpanProcessor(losses, {
        ...(isolated ? isolatedBatching : {}),
        ...(batchDelay === undefined
          ? {}
          : { scheduledDelayMillis: Duration.toMillis(batchDelay) }),
      }),
    ],
    sampler: new AlwaysOnSampler(), // what is not sampled never comes here
  })
  const sampler = settings.sampler ?? defaultSampler
  const outlet = outletFor(sampler)
  const writer = new SpanWriter(provider.getTracer("scopeline"), ids)
  const cutOff = new CutOffCounter(yield* CutOffListener, now)
  const sampling = samplingOf(sampler)
  const spans = new OpenSpans({ sampling, outlet, writer, cutOff, now, markAfter })
  return {
    shown,
    provider,
    losses,
    outlet,
    sampling,
    writer,
    cutOff,
    spans,
    flush: () => void provider.forceFlush().catch(() => {}), // losses are counted
    tracer: (enterContext: boolean): Tracer.Tracer =>
      asExporting({
        span: spans.start,
        ...(enterContext ? { context: inOtelContext } : {}),
      }),
  }
})

const outletFor = ({ name, ratio }: Sampler): Outlet =>
  name === "scopeline_keep" ? new KeepFindings(ratio) : everything

/** For instrumentation that looks for its parent in the context of OpenTelemetry. */
const inOtelContext = entering((span, run) =>
  Otel.context.with(
    Otel.trace.setSpanContext(Otel.context.active(), spanContext(span, span.sampled)),
    run,
  ),
)

export const closePipeline = Effect.fnUntraced(function* (
  pipeline: Effect.Success<ReturnType<typeof openPipeline>>,
) {
  const { spans, provider, losses, outlet, shown, cutOff } = pipeline
  const console = yield* Console.Console
  spans.endAll()
  // The provider's flush does not wait for what the timer has already sent; the exporter's does.
  const flush = Effect.andThen(
    Effect.ignore(Effect.tryPromise(() => provider.forceFlush())),
    Effect.ignore(Effect.tryPromise(() => losses.forceFlush())),
  )
  yield* flush.pipe(Effect.interruptible, Effect.timeoutOption(flushMillis))
  cutOff.close()
  const { lost } = losses
  if (lost > 0)
    warn(`${spansWere(lost)} lost, not taken by the collector at ${shown}.`, { console })
  const letGo = outlet.lost()
  if (letGo > 0) {
    warn(`${spansWere(letGo)} let go: too many exchanges were open at once to keep them.`, {
      console,
    })
  }
  provider.shutdown().catch(() => {}) // in no fiber, which would be one that outlives the program
})

const spansWere = (count: number): string => counted(count, "span was", "spans were")
