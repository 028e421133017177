import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import * as Otel from "@opentelemetry/api"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import { LIFETIME_OPEN } from "../attributes.ts"
import { annotate } from "../instrument/exchange.ts"
import { exchangeServedUnder } from "../instrument/records/current-exchange.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { Match } from "../lifetimes/finding.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { type Micros, toNanos } from "../lifetimes/time.ts"
import type { DeferredSpan } from "./deferred-span.ts"
import type { ReservedIds } from "./reserved-ids.ts"
import type { LifetimeSpan } from "./span-form.ts"

/** Makes spans of the SDK, which leave through whatever processors it has. */
export class SpanWriter {
  readonly #sdk: Otel.Tracer
  readonly #ids: ReservedIds
  readonly #bridge: Tracer.Tracer
  #latest: Otel.Span | undefined

  constructor(sdk: Otel.Tracer, ids: ReservedIds) {
    this.#sdk = sdk
    this.#ids = ids
    this.#bridge = bridgeTo(this.#capturing())
  }

  /** Writes a span of Effect's as the stock bridge would have; one that is open ends now, marked as open. */
  readonly span = (span: DeferredSpan, now: () => Micros): void => {
    const { attributes, events, status } = span
    const written = this.#ids.with(span, () =>
      this.#bridge.span({ ...optionsOf(span), startTime: status.startTime }),
    )
    for (const [key, value] of attributes) written.attribute(key, value)
    for (const [name, time, of] of events) written.event(name, time, of)
    const exchange = exchangeServedUnder(span)
    if (exchange !== undefined && status._tag === "Ended") tell(exchange, written)
    const raw = this.#latest
    if (raw === undefined) return
    keepFinding(exchange?.said, raw)
    if (status._tag === "Ended") written.end(status.endTime, status.exit)
    else raw.setAttribute(LIFETIME_OPEN, true).end(hrTime(now()))
  }

  readonly lifetime = (form: LifetimeSpan): void => {
    if (form.parent?.sampled === false) return
    const span = this.#ids.with(form.span, () => start(this.#sdk, form))
    for (const { name, attributes, time } of form.events) {
      span.addEvent(name, otelAttributes(attributes), hrTime(time))
    }
    if (form.error !== undefined) {
      span.setStatus({ code: Otel.SpanStatusCode.ERROR, message: form.error })
    }
    span.end(hrTime(form.endedAt))
  }

  /** The bridge keeps the SDK's span to itself; this is how it is known. */
  #capturing(): Otel.Tracer {
    const startSpan: Otel.Tracer["startSpan"] = (name, options, context) => {
      this.#latest = this.#sdk.startSpan(name, options, context)
      return this.#latest
    }
    return { startSpan, startActiveSpan: this.#sdk.startActiveSpan.bind(this.#sdk) }
  }
}

const bridgeTo = (tracer: Otel.Tracer): Tracer.Tracer =>
  Effect.runSync(OtelTracer.make.pipe(Effect.provideService(OtelTracer.OtelTracer, tracer)))

const optionsOf = ({ name, parent, annotations, links, kind }: DeferredSpan) => ({
  name,
  parent,
  annotations,
  links: [...links],
  kind,
  root: parent._tag === "None",
  sampled: true,
})

/** What the span of an exchange tells of it. Where it is not judged yet, that is told apart. */
const tell = (exchange: ExchangeRecord, written: Tracer.Span): void => {
  exchange.waits = false
  exchange.annotated = true
  annotate(written, exchange)
}

/** Effect ends a span that ended well with status OK, which would paint over the finding on it. */
const keepFinding = (said: Match | undefined, raw: Otel.Span): void => {
  if (said === undefined || said.severity !== "error") return
  const { message } = said
  raw.setStatus({ code: Otel.SpanStatusCode.ERROR, message })
  raw.setStatus = () => raw
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

/** What OpenTelemetry knows a span by. */
export const spanContext = (span: SpanReference, sampled: boolean): Otel.SpanContext => ({
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
