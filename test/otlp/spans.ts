import * as Schema from "effect/Schema"
import type { AttributeValue, Span } from "../../otel/lifetimes/span.ts"

/** A span of which a test says only what it is about. */
export const spanOf = (fields: Partial<Span> = {}): Span => ({
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: undefined,
  name: "work",
  kind: "internal",
  startedAt: 1_795_424_010_727_051,
  endedAt: 1_795_424_010_727_992,
  attributes: {},
  events: [],
  links: [],
  status: { code: "unset", message: "" },
  resource: { "service.name": "test" },
  instrumentation: undefined,
  ...fields,
})

export const hexOf = (number: number, digits: 16 | 32): string =>
  number.toString(16).padStart(digits, "0")

// --- any span at all

const Value: Schema.Codec<AttributeValue> = Schema.Union([
  Schema.String,
  Schema.Number,
  Schema.Int,
  Schema.Boolean,
  Schema.Array(Schema.suspend(() => Value)),
  Schema.Record(
    Schema.String,
    Schema.suspend(() => Value),
  ),
])

const Attributes = Schema.Record(Schema.String, Value)

const hex = (digits: number) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^[1-9a-f]{${digits}}$`)))

const TraceId = hex(32)
const SpanId = hex(16)
const Micros = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

/** Every field of a span but where it comes from. */
export const AnySpan = Schema.Struct({
  traceId: TraceId,
  spanId: SpanId,
  parentSpanId: Schema.UndefinedOr(SpanId),
  name: Schema.String,
  kind: Schema.Literals(["unspecified", "internal", "server", "client", "producer", "consumer"]),
  startedAt: Micros,
  endedAt: Micros,
  attributes: Attributes,
  events: Schema.Array(
    Schema.Struct({ name: Schema.String, time: Micros, attributes: Attributes }),
  ),
  links: Schema.Array(Schema.Struct({ traceId: TraceId, spanId: SpanId, attributes: Attributes })),
  status: Schema.Struct({
    code: Schema.Literals(["unset", "ok", "error"]),
    message: Schema.String,
  }),
})

const Instrumentation = Schema.Struct({ name: Schema.NonEmptyString, version: Schema.String })

/** Spans as programs send them: some of each resource and instrumentation. */
export const AnyGroups = Schema.Array(
  Schema.Struct({
    resource: Attributes,
    instrumentation: Schema.UndefinedOr(Instrumentation),
    spans: Schema.Array(AnySpan),
  }),
)

export const spansOf = (groups: typeof AnyGroups.Type): ReadonlyArray<Span> =>
  groups.flatMap(({ spans, ...origin }) => spans.map((span) => ({ ...span, ...origin })))
