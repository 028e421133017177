import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Tracer from "effect/Tracer"
import { layerTelemetry, settingsFromEnvironment } from "../../otel/index.ts"

const serviceName = "bench"

/** All send to the same collector, as soon after the end of a span. */
const environment = (collector: string) => ({
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_BSP_SCHEDULE_DELAY: "200",
})

const automatic = Layer.unwrap(
  Effect.map(settingsFromEnvironment({ serviceName }), (settings) => layerTelemetry(settings)),
)

const stockBridge = NodeSdk.layer(() => ({
  resource: { serviceName },
  spanProcessor: new BatchSpanProcessor(new OTLPTraceExporter()),
}))

const effectOwn = OtlpTracer.layerFromConfig({ resource: { serviceName } }).pipe(
  Layer.provide([OtlpSerialization.layerJson, NodeHttpClient.layerNodeHttp]),
)

/** What a program pays for a tracer at all: Effect takes a longer way where there is one. */
const unsent = Layer.succeed(
  Tracer.Tracer,
  Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }),
)

interface Tracing {
  readonly title: string
  readonly layer: Layer.Layer<never, unknown>
  readonly variables?: Readonly<Record<string, string>>
}

const keepingNone = { OTEL_TRACES_SAMPLER: "scopeline_keep", OTEL_TRACES_SAMPLER_ARG: "0" }

const underRegister = {
  NODE_OPTIONS: `--import=${new URL("../../otel/register.js", import.meta.url).href}`,
}

/** The ways to trace the same server. */
export const tracings = {
  none: { title: "no tracing", layer: Layer.empty },
  unsent: { title: "Effect's own spans, sent nowhere", layer: unsent },
  effect: { title: "Effect's own OtlpTracer", layer: effectOwn },
  bridge: { title: "stock @effect/opentelemetry", layer: stockBridge },
  all: { title: "automatic, all kept", layer: automatic },
  findings: {
    title: "automatic, healthy exchanges at 0 %",
    layer: automatic,
    variables: keepingNone,
  },
  withoutFinalizers: {
    title: "automatic at 0 %, finalizers not observed",
    layer: automatic,
    variables: { ...keepingNone, SCOPELINE_OBSERVE: "scopes,streams,pubsub,queue" },
  },
  registered: { title: "register, all kept", layer: Layer.empty, variables: underRegister },
  registeredFindings: {
    title: "register, healthy exchanges at 0 %",
    layer: Layer.empty,
    variables: { ...underRegister, ...keepingNone },
  },
} as const satisfies Readonly<Record<string, Tracing>>

export type TracingName = keyof typeof tracings

export const names: ReadonlyArray<TracingName> = [
  "none",
  "unsent",
  "effect",
  "bridge",
  "all",
  "findings",
  "withoutFinalizers",
  "registered",
  "registeredFindings",
]

export const variablesOf = (name: TracingName, collector: string) => {
  const tracing: Tracing = tracings[name]
  return { ...environment(collector), ...tracing.variables, BENCH_TRACING: name }
}

export const tracingNamed = (name: string | undefined): Tracing => {
  const found = Object.entries(tracings).find(([key]) => key === name)
  if (found === undefined) throw new Error(`there is no tracing ${name}`)
  return found[1]
}
