import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer"
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node"
import { Effect } from "effect"
import { CutOffCounter } from "../../otel/export/cut-off.ts"
import { everything, type Outlet } from "../../otel/export/outlet.ts"
import { ReservedIds } from "../../otel/export/reserved-ids.ts"
import type { Sampling } from "../../otel/export/sampling.ts"
import { sdkSink } from "../../otel/export/sdk-sink.ts"
import { SpanWriter } from "../../otel/export/span-writer.ts"
import type { Sink } from "../../otel/instrument/records/sink.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { expectTrueTimes } from "../support/span-order.ts"

/** Where nothing ends later than this, in microseconds. */
export const now = 99_000_000

interface Policy {
  readonly outlet: Outlet
  readonly sampling: Sampling
}

/** What a collector receives of that which a sink is told; everything by default. */
export const exported = (
  tell: (sink: Sink) => void,
  { outlet, sampling }: Policy = { outlet: everything, sampling: () => true },
): ReadonlyArray<Span> => {
  const memory = new InMemorySpanExporter()
  const ids = new ReservedIds()
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    spanProcessors: [new SimpleSpanProcessor(memory)],
  })
  tell(
    sdkSink({
      service: "test",
      writer: new SpanWriter(provider.getTracer("test"), ids),
      outlet,
      sampling,
      cutOff: new CutOffCounter(
        () => {},
        () => now,
      ),
      now: () => now,
      found: () => {},
      flush: () => {},
      markAfter: [1_000_000],
    }),
  )
  const request = JsonTraceSerializer.serializeRequest(memory.getFinishedSpans())
  const body = new TextDecoder().decode(request)
  expectTrueTimes([body])
  return Effect.runSync(decodeJson(body)).spans
}
