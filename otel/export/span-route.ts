import * as Otel from "@opentelemetry/api"
import type * as Tracer from "effect/Tracer"
import { asExporting, entering } from "../instrument/effect/tracer-hook.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { CutOffCounter } from "./cut-off.ts"
import type { SpanStarter } from "./held-span.ts"
import { OpenSpans } from "./open-spans.ts"
import { everything, KeepFindings, type Outlet } from "./outlet.ts"
import type { ReservedIds } from "./reserved-ids.ts"
import { defaultSampler, type Sampler, samplingOf } from "./sampling.ts"
import { SpanWriter, spanContext } from "./span-writer.ts"

interface RouteOptions {
  readonly sampler: Sampler | undefined
  readonly now: () => Micros
  /** After how long a marker of an open span is sent; none: never. */
  readonly markAfter: ReadonlyArray<Micros>
  readonly cutOff: CutOffCounter
}

/**
 * The way from Effect's spans, through the choice of what is exported, to whatever starts spans of
 * OpenTelemetry.
 */
export const openRoute = (
  starter: SpanStarter,
  ids: ReservedIds,
  { sampler = defaultSampler, now, markAfter, cutOff }: RouteOptions,
) => {
  const outlet = outletFor(sampler)
  const writer = new SpanWriter(starter, ids)
  const sampling = samplingOf(sampler)
  const spans = new OpenSpans({ sampling, outlet, writer, cutOff, now, markAfter })
  return {
    outlet,
    writer,
    sampling,
    spans,
    cutOff,
    markAfter,
    tracer: (enterContext: boolean): Tracer.Tracer =>
      asExporting({
        span: spans.start,
        ...(enterContext ? { context: inOtelContext } : {}),
      }),
  }
}

const outletFor = ({ name, ratio }: Sampler): Outlet =>
  name === "scopeline_keep" ? new KeepFindings(ratio) : everything

/** For instrumentation that looks for its parent in the context of OpenTelemetry. */
const inOtelContext = entering((span, run) =>
  Otel.context.with(
    Otel.trace.setSpanContext(Otel.context.active(), spanContext(span, span.sampled)),
    run,
  ),
)
