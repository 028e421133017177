import { context, type Link, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { resourceFromAttributes } from "@opentelemetry/resources"
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node"

const link: Link = {
  context: {
    traceId: "5b8efff798038103d269b633813fc60c",
    spanId: "eee19b7ec3c1b174",
    traceFlags: 1,
  },
  attributes: { why: "related" },
}

/** Two spans, a parent and its child, as OpenTelemetry's own SDK records them. */
export const sdkSpans = (): Array<ReadableSpan> => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "sdk" }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer("test", "1.0")
  const parent = tracer.startSpan("parent", { kind: SpanKind.SERVER })
  const inParent = trace.setSpan(context.active(), parent)
  const child = tracer.startSpan(
    "child",
    { kind: SpanKind.CLIENT, links: [link], startTime: [1_700_000_000, 1_999] },
    inParent,
  )
  child.setAttributes({
    text: "ä\u0000z",
    integer: -42,
    double: 0.25,
    zero: 0,
    no: false,
    empty: "",
    list: ["a", "b"],
    large: Number.MAX_SAFE_INTEGER,
  })
  child.addEvent("halfway", { step: 1 }, [1_700_000_000, 500_000_000])
  child.setStatus({ code: SpanStatusCode.ERROR, message: "it broke" })
  child.end([1_700_000_001, 0])
  parent.end()
  return exporter.getFinishedSpans()
}
