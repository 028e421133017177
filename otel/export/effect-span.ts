/**
 * A span of Effect's as a span of the SDK: byte for byte as the tracer of `@effect/opentelemetry` would have
 * exported it. That package has fewer versions than Effect, and its SDK spans cannot be given more.
 */
import * as Otel from "@opentelemetry/api"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import type * as Tracer from "effect/Tracer"
import type { SpanStarter } from "./held-span.ts"

/** Nanoseconds since 1970, as the SDK takes them. */
export const hrTime = (nanos: bigint): Otel.HrTime => [
  Number(nanos / 1_000_000_000n),
  Number(nanos % 1_000_000_000n),
]

const kinds = {
  internal: Otel.SpanKind.INTERNAL,
  client: Otel.SpanKind.CLIENT,
  server: Otel.SpanKind.SERVER,
  producer: Otel.SpanKind.PRODUCER,
  consumer: Otel.SpanKind.CONSUMER,
}

/** Starts it below the parent that Effect knows. */
export const startSpan = (
  starter: SpanStarter,
  { name, kind, parent, annotations, links, status }: Tracer.Span,
): Otel.Span => {
  const active = Otel.context.active()
  return starter.startSpan(
    name,
    {
      kind: kinds[kind],
      startTime: hrTime(status.startTime),
      links: links.map((link) => ({
        context: contextOf(link.span),
        attributes: attributesOf(link.attributes),
      })),
    },
    parent._tag === "None"
      ? Otel.trace.deleteSpan(active)
      : Otel.trace.setSpanContext(active, parentContextOf(parent.value, annotations)),
  )
}

/**
 * Writes the exit that the span ended with. If an error is given, it becomes the status, whatever the exit was.
 */
export const setExit = (
  span: Otel.Span,
  exit: Exit.Exit<unknown, unknown>,
  endTime: bigint,
  error?: string,
): void => {
  if (exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause)) {
    span.setAttribute("effect.fiber.interrupted", true)
    if (error !== undefined) span.setStatus({ code: Otel.SpanStatusCode.ERROR, message: error })
    return
  }
  const errors =
    exit._tag === "Success" ? [] : Cause.prettyErrors(exit.cause, { includeCauseInStack: true })
  for (const one of errors) span.recordException(one, hrTime(endTime))
  const message = error ?? errors[0]?.message
  span.setStatus(
    message === undefined
      ? { code: Otel.SpanStatusCode.OK }
      : { code: Otel.SpanStatusCode.ERROR, message },
  )
}

export const attributesOf = (record: Readonly<Record<string, unknown>>): Otel.Attributes =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, attributeOf(value)]))

/** OpenTelemetry knows text, numbers, booleans and lists of one of them; the rest is written as text. */
export const attributeOf = (value: unknown): Otel.AttributeValue => {
  if (isPrimitive(value)) return value
  if (typeof value === "bigint") return value.toString()
  if (isListOf(value, "string") || isListOf(value, "number") || isListOf(value, "boolean")) {
    return value.slice()
  }
  return Inspectable.toStringUnknown(value)
}

const isPrimitive = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"

interface Primitives {
  readonly string: string
  readonly number: number
  readonly boolean: boolean
}

const isListOf = <K extends keyof Primitives>(
  value: unknown,
  type: K,
): value is Array<Primitives[K]> =>
  Array.isArray(value) && value.every((item) => typeof item === type)

/** The marks of `@effect/opentelemetry` on spans that come from elsewhere, under the same keys. */
class TraceFlags extends Context.Service<TraceFlags, Otel.TraceFlags>()(
  "@effect/opentelemetry/Tracer/OtelTraceFlags",
) {}

class TraceState extends Context.Service<TraceState, Otel.TraceState>()(
  "@effect/opentelemetry/Tracer/OtelTraceState",
) {}

/** What OpenTelemetry knows a span by. */
const contextOf = ({ _tag, traceId, spanId, sampled }: Tracer.AnySpan): Otel.SpanContext => ({
  traceId,
  spanId,
  isRemote: _tag === "ExternalSpan",
  traceFlags: sampled ? Otel.TraceFlags.SAMPLED : Otel.TraceFlags.NONE,
})

/**
 * The same for the parent of a span with these annotations. A parent that the bridge made knows it by itself.
 */
const parentContextOf = (
  parent: Tracer.AnySpan,
  annotations: Context.Context<never>,
): Otel.SpanContext => {
  if ("span" in parent && isSdkSpan(parent.span)) return parent.span.spanContext()
  const context = contextOf(parent)
  const annotated = Context.merge(parent.annotations, annotations)
  const traceState = Context.getOrUndefined(annotated, TraceState)
  return {
    ...context,
    traceFlags: Context.getOrUndefined(annotated, TraceFlags) ?? context.traceFlags,
    ...(traceState === undefined ? {} : { traceState }),
  }
}

const isSdkSpan = (value: unknown): value is Otel.Span =>
  typeof value === "object" && value !== null && "spanContext" in value
