/** A program with a tracer of its own. What that exports is printed, but for what is random or a time. */
import { createServer } from "node:http"
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node"
import { Effect, Layer, ManagedRuntime, Tracer } from "effect"
import { Otlp } from "effect/observability"
import { address, path, server, visit } from "./ticks.ts"

const [, , , kind] = process.argv

const bodies: Array<string> = []
const collector = createServer((request, response) => {
  let body = ""
  request.on("data", (text) => {
    body += text
  })
  request.on("end", () => {
    bodies.push(body)
    response.end("{}")
  })
})
await new Promise<void>((resolve) => void collector.listen(0, "127.0.0.1", resolve))
const at = collector.address()
const port = typeof at === "object" ? at?.port : undefined

const memory = new InMemorySpanExporter()
const spans: Array<Tracer.NativeSpan> = []

const otlp = Otlp.layerJson({
  baseUrl: process.env.OWN_COLLECTOR ?? `http://127.0.0.1:${port}`,
  resource: { serviceName: "own" },
  tracerExportInterval: "50 millis",
  loggerExportInterval: "1 hour",
  metricsExportInterval: "1 hour",
}).pipe(Layer.provide(NodeHttpClient.layerNodeHttp))

const openTelemetry = NodeSdk.layer(() => ({
  resource: { serviceName: "own" },
  spanProcessor: new SimpleSpanProcessor(memory),
}))

const inTest = Layer.succeed(
  Tracer.Tracer,
  Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  }),
)

const tracer: Layer.Layer<never> =
  kind === "otlp" ? otlp : kind === "opentelemetry" ? openTelemetry : inTest

const runtime = ManagedRuntime.make(Layer.provideMerge(server, tracer))
console.log(await visit((await runtime.runPromise(address)) + path))
await runtime.runPromise(Effect.sleep("200 millis").pipe(Effect.withSpan("later")))
const kept = memory.getFinishedSpans().map((span) => ({
  name: span.name,
  kind: span.kind,
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId,
  attributes: span.attributes,
  events: span.events.map(({ name, attributes }) => ({ name, attributes })),
  links: span.links,
  status: span.status,
}))
await runtime.dispose()
collector.close()
collector.closeAllConnections()

/** The server span, as it was exported, told apart from the output. */
const serverIds =
  /"traceId":"(\w+)","spanId":"(\w+)"[^}]*?"name":"GET"|"name":"GET"[^}]*?"traceId":"(\w+)","spanId":"(\w+)"/
const native = spans.map(({ name, traceId, spanId }) => JSON.stringify({ name, traceId, spanId }))
for (const text of [...bodies, ...kept.map((span) => JSON.stringify(span)), ...native]) {
  const ids = serverIds
    .exec(text)
    ?.slice(1)
    .filter((id) => id !== undefined)
  if (ids !== undefined) console.error("exchange", ...ids)
}

const fixed = (json: string): string =>
  json
    .replaceAll(/"(traceId|spanId|parentSpanId)":"[0-9a-f]+"/g, '"$1":"<id>"')
    .replaceAll(/"(\w+TimeUnixNano)":"\d+"/g, '"$1":"<time>"')
    .replaceAll(/127\.0\.0\.1:\d+/g, "<address>")
    .replaceAll(/"(server\.port|process\.pid)":\d+/g, '"$1":"<number>"')
    .replaceAll(/"(?:intValue)":"?\d{4,}"?/g, '"intValue":"<number>"')

/** The bytes of each span, in whatever request it came, behind those of their resource. */
const exported = bodies.filter((body) => body.includes("resourceSpans"))
const resources = new Set<string>()
for (const body of exported) {
  const [resource = "", list = ""] = fixed(body).split('"spans":[', 2)
  if (!resources.has(resource)) console.log(resource)
  resources.add(resource)
  for (const span of list
    .replace(/\]\}\]\}\]\}$/, "")
    .split(/(?<=\}),(?=\{"traceId":"<id>","spanId)/)) {
    console.log(span)
  }
}
for (const span of kept) console.log(fixed(JSON.stringify(span)))
for (const { name, attributes, events, links } of spans) {
  const told = {
    name,
    attributes: Object.fromEntries(attributes),
    events: events.map(([event]) => event),
    links,
  }
  console.log(fixed(JSON.stringify(told)))
}
