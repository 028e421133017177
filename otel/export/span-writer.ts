import * as Otel from "@opentelemetry/api"
import { LIFETIME_OPEN } from "../attributes.ts"
import { annotateServerSpan } from "../instrument/exchange.ts"
import { exchangeServedUnder } from "../instrument/records/current-exchange.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { type Micros, toNanos } from "../lifetimes/time.ts"
import type { DeferredSpan } from "./deferred-span.ts"
import { attributeOf, attributesOf, hrTime, setExit, startSpan } from "./effect-span.ts"
import { type SpanStarter, tellLater } from "./held-span.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"
import type { ReservedIds } from "./reserved-ids.ts"

/** Makes spans of OpenTelemetry. */
export class SpanWriter {
  readonly #starter: SpanStarter
  readonly #ids: ReservedIds

  constructor(starter: SpanStarter, ids: ReservedIds) {
    this.#starter = starter
    this.#ids = ids
  }

  /** Writes a span of Effect's; one that is open ends now, marked as open. */
  readonly span = (span: DeferredSpan, now: () => Micros): void => {
    span.complete()
    const { attributes, events, status } = span
    const written = this.#ids.with(span, () => startSpan(this.#starter, span))
    for (const [key, value] of attributes) written.setAttribute(key, attributeOf(value))
    for (const [name, time, of] of events) written.addEvent(name, attributesOf(of), hrTime(time))
    const exchange = exchangeServedUnder(span)
    if (exchange !== undefined) tell(exchange, written)
    if (status._tag === "Started") {
      written.setAttribute(LIFETIME_OPEN, true)
      written.end(hrTime(endAfter(status.startTime, toNanos(now()))))
      return
    }
    const error = errorOf(exchange)
    tellLater(written, () => setExit(written, status.exit, status.endTime, error))
    written.end(hrTime(endAfter(status.startTime, status.endTime)))
  }

  readonly lifetime = (form: LifetimeSpan): void => {
    if (form.parent?.sampled === false) return
    const startTime = startOf(form)
    const span = this.#ids.with(form.span, () => start(this.#starter, form, startTime))
    for (const { name, attributes, time } of form.events) {
      span.addEvent(name, otelAttributes(attributes), hrTime(toNanos(time)))
    }
    if (form.error !== undefined) {
      span.setStatus({ code: Otel.SpanStatusCode.ERROR, message: form.error })
    }
    span.end(hrTime(endAfter(startTime, toNanos(form.endedAt))))
  }
}

/** What the span of an exchange says about it. If it is not judged yet, findings get separate spans. */
const tell = (exchange: ExchangeRecord, written: Otel.Span): void => {
  exchange.waits = false
  exchange.annotated = true
  annotateServerSpan(
    {
      attribute: (key, value) => written.setAttribute(key, attributeOf(value)),
      event: (name, time, of = {}) => written.addEvent(name, attributesOf(of), hrTime(time)),
    },
    exchange,
  )
}

/** The finding of an exchange is the status of its span, even if the exchange ended well. */
const errorOf = (exchange: ExchangeRecord | undefined): string | undefined =>
  exchange?.said?.severity === "error" ? exchange.said.message : undefined

const latest = (one: bigint, other: bigint): bigint => (one > other ? one : other)

/** What has no length, as a finding without an effect, lasts a nanosecond: Jaeger warns of a span that lasts none. */
const endAfter = (start: bigint, end: bigint): bigint => latest(start + 1n, end)

/** Its time is whole microseconds, its parent's is not: it begins no earlier than that. */
const startOf = ({ startedAt, parent }: LifetimeSpan): bigint =>
  latest(toNanos(startedAt), parent?.startTime ?? 0n)

const start = (starter: SpanStarter, form: LifetimeSpan, startTime: bigint): Otel.Span =>
  starter.startSpan(
    form.name,
    {
      startTime: hrTime(startTime),
      attributes: otelAttributes(form.attributes),
      links: form.links.map((link) => ({
        context: spanContext(link, true),
        attributes: otelAttributes(link.attributes),
      })),
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

/** The SDK knows no nested values. The span of a lifetime has none, and a list holds strings. */
const otelAttributes = (attributes: LifetimeSpan["attributes"]): Otel.Attributes => {
  const result: Otel.Attributes = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (Array.isArray(value)) result[key] = value.map(String)
    else if (typeof value !== "object") result[key] = value
  }
  return result
}
