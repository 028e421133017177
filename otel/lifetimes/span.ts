import type { Micros } from "./time.ts"

/** A value that a span attribute can hold; nested lists and key-value lists are kept as they are. */
export type AttributeValue =
  | string
  | number
  | boolean
  | ReadonlyArray<AttributeValue>
  | { readonly [key: string]: AttributeValue }

export type Attributes = Readonly<Record<string, AttributeValue>>

/** Names one span. Ids are lower-case hex: 32 digits for the trace, 16 for the span. */
export interface SpanReference {
  readonly traceId: string
  readonly spanId: string
}

export interface SpanEvent {
  readonly name: string
  readonly time: Micros
  readonly attributes: Attributes
}

export interface SpanLink extends SpanReference {
  readonly attributes: Attributes
}

export type SpanKind = "unspecified" | "internal" | "server" | "client" | "producer" | "consumer"

export type StatusCode = "unset" | "ok" | "error"

/** What made a span, by the name and version that it gives itself. */
export interface Instrumentation {
  readonly name: string
  readonly version: string
}

/** A finished span, wherever it came from: OTLP as JSON or protobuf, Jaeger, or a test. */
export interface Span extends SpanReference {
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanKind
  readonly startedAt: Micros
  readonly endedAt: Micros
  readonly attributes: Attributes
  readonly events: ReadonlyArray<SpanEvent>
  readonly links: ReadonlyArray<SpanLink>
  readonly status: { readonly code: StatusCode; readonly message: string }
  /** `service.name` and the like: what sent the span. */
  readonly resource: Attributes
  /** OpenTelemetry calls it the instrumentation scope. Undefined if the sender names none. */
  readonly instrumentation: Instrumentation | undefined
}
