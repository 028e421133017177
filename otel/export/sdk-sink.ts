import * as Otel from "@opentelemetry/api"
import type { Sink } from "../instrument/sink.ts"
import { makeSpanId } from "../instrument/span-id.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { type Micros, toNanos } from "../lifetimes/time.ts"
import { findingSpan, type LifetimeSpan, lifetimeSpan, openSpan } from "./lifetime-span.ts"
import type { ReservedIds } from "./reserved-ids.ts"

/** Turns lifetimes into SDK spans, which leave through whatever processors the SDK has. */
export const sdkSink = (
  service: string,
  tracer: Otel.Tracer,
  ids: ReservedIds,
  now: () => Micros,
  flush: () => void,
): Sink => {
  const write = (form: LifetimeSpan) => {
    if (form.parent?.sampled === false) return
    const span = ids.with(form.span, () => start(tracer, form))
    for (const { name, attributes, time } of form.events) {
      span.addEvent(name, otelAttributes(attributes), hrTime(time))
    }
    if (form.error !== undefined) {
      span.setStatus({ code: Otel.SpanStatusCode.ERROR, message: form.error })
    }
    span.end(hrTime(form.endedAt))
  }
  return {
    service,
    export: (record) => write(lifetimeSpan(record, now())),
    exportFinding: (exchange, match, at) => {
      const span = { traceId: exchange.span.traceId, spanId: makeSpanId() }
      write(findingSpan(exchange, match, span, at))
    },
    exportOpen: (exchanges, at) => {
      for (const exchange of exchanges) {
        write(openSpan(exchange, { traceId: exchange.span.traceId, spanId: makeSpanId() }, at))
      }
      flush()
    },
  }
}

const start = (tracer: Otel.Tracer, form: LifetimeSpan): Otel.Span =>
  tracer.startSpan(
    form.name,
    {
      startTime: hrTime(form.startedAt),
      attributes: otelAttributes(form.attributes),
      links: form.links.map((link) => ({ context: spanContext(link, true) })),
    },
    form.parent === undefined
      ? Otel.ROOT_CONTEXT
      : Otel.trace.setSpanContext(Otel.ROOT_CONTEXT, spanContext(form.parent, form.parent.sampled)),
  )

const spanContext = (span: SpanReference, sampled: boolean): Otel.SpanContext => ({
  traceId: span.traceId,
  spanId: span.spanId,
  traceFlags: sampled ? Otel.TraceFlags.SAMPLED : Otel.TraceFlags.NONE,
})

/** The SDK knows no nested values; a lifetime's span has none, a list holds strings. */
const otelAttributes = (attributes: LifetimeSpan["attributes"]): Otel.Attributes => {
  const result: Otel.Attributes = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (Array.isArray(value)) result[key] = value.map(String)
    else if (typeof value !== "object") result[key] = value
  }
  return result
}

const hrTime = (time: Micros): Otel.HrTime => {
  const nanos = toNanos(time)
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}
