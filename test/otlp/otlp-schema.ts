import * as Schema from "effect/Schema"
import type { Attributes, AttributeValue, Span, SpanLink } from "../../otel/lifetimes/span.ts"
import type { Origin } from "../../src/otlp/span-reader.ts"

// What a span of OTLP is in JSON, said as a schema: the measure of the reader that is written by
// hand. What the fields mean is said once more here, as plainly as can be.

const absent = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const hex = (digits: number) =>
  Schema.String.check(Schema.isPattern(new RegExp(`^[0-9a-fA-F]{${digits}}$`)))

const notZero = Schema.makeFilter((id: string) => !/^0+$/.test(id))
const NoId = Schema.Literal("")

const withinMicros = Schema.makeFilter(
  (nanos: string | number) => microsOf(nanos) <= Number.MAX_SAFE_INTEGER,
)

const Nanos = Schema.Union([
  Schema.String.check(Schema.isPattern(/^[0-9]{1,20}$/)),
  Schema.Finite.check(Schema.makeFilter((value) => Number.isInteger(value) && value >= 0)),
]).check(withinMicros)

const Integer = Schema.Union([
  Schema.String.check(Schema.isPattern(/^-?[0-9]{1,19}$/)),
  Schema.Finite.check(Schema.makeFilter((value) => Number.isInteger(value))),
]).check(Schema.makeFilter((value: string | number) => Math.abs(Number(value)) <= 2 ** 63))

const Double = Schema.Union([
  Schema.Number,
  Schema.Literals(["NaN", "Infinity", "-Infinity"]),
  Schema.String.check(Schema.isPattern(/^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/)),
])

interface AnyValue {
  readonly stringValue?: string | null | undefined
  readonly intValue?: string | number | null | undefined
  readonly boolValue?: boolean | null | undefined
  readonly doubleValue?: string | number | null | undefined
  readonly bytesValue?: string | null | undefined
  readonly arrayValue?:
    | { readonly values?: ReadonlyArray<AnyValue | null> | null | undefined }
    | null
    | undefined
  readonly kvlistValue?: { readonly values?: KeyValues | null | undefined } | null | undefined
}

type KeyValues = ReadonlyArray<{
  readonly key?: string | null | undefined
  readonly value?: AnyValue | null | undefined
}>

const AnyValue: Schema.Codec<AnyValue> = Schema.Struct({
  stringValue: absent(Schema.String),
  intValue: absent(Integer),
  boolValue: absent(Schema.Boolean),
  doubleValue: absent(Double),
  bytesValue: absent(Schema.String),
  arrayValue: absent(
    Schema.Struct({
      values: absent(Schema.Array(Schema.NullOr(Schema.suspend(() => AnyValue)))),
    }),
  ),
  kvlistValue: absent(Schema.Struct({ values: absent(Schema.suspend(() => KeyValues)) })),
})

const KeyValues: Schema.Codec<KeyValues> = Schema.Array(
  Schema.Struct({ key: absent(Schema.String), value: absent(AnyValue) }),
)

const Enum = absent(Schema.Union([Schema.Number, Schema.String]))

/** A span in the JSON form of OTLP. */
export const OtlpSpan = Schema.Struct({
  traceId: hex(32).check(notZero),
  spanId: hex(16).check(notZero),
  parentSpanId: absent(Schema.Union([NoId, hex(16)])),
  name: absent(Schema.String),
  kind: Enum,
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: absent(KeyValues),
  events: absent(
    Schema.Array(
      Schema.Struct({
        timeUnixNano: Nanos,
        name: absent(Schema.String),
        attributes: absent(KeyValues),
      }),
    ),
  ),
  links: absent(
    Schema.Array(
      Schema.Struct({
        traceId: absent(Schema.Union([NoId, hex(32)])),
        spanId: absent(Schema.Union([NoId, hex(16)])),
        attributes: absent(KeyValues),
      }),
    ),
  ),
  status: absent(Schema.Struct({ code: Enum, message: absent(Schema.String) })),
})

// --- what it means

const microsOf = (nanos: string | number): number => Number(BigInt(nanos) / 1000n)

const attributeOf = (value: AnyValue | null | undefined): AttributeValue | undefined => {
  if (value === undefined || value === null) return undefined
  if (typeof value.stringValue === "string") return value.stringValue
  if (typeof value.boolValue === "boolean") return value.boolValue
  if (typeof value.bytesValue === "string") return value.bytesValue
  const number = value.intValue ?? value.doubleValue
  if (number !== undefined && number !== null) return Number(number)
  if (value.arrayValue) {
    return (value.arrayValue.values ?? [])
      .map(attributeOf)
      .filter((element) => element !== undefined)
  }
  return value.kvlistValue ? attributesOf(value.kvlistValue.values) : undefined
}

const attributesOf = (pairs: KeyValues | null | undefined): Attributes =>
  Object.fromEntries(
    (pairs ?? []).flatMap(({ key, value }) => {
      const read = attributeOf(value)
      return read === undefined ? [] : [[key ?? "", read]]
    }),
  )

const named = <A extends string>(
  value: string | number | null | undefined,
  prefix: string,
  names: readonly [A, ...Array<A>],
): A => {
  const found = names.find(
    (name, number) => value === number || value === prefix + name.toUpperCase(),
  )
  return found ?? names[0]
}

const idOf = (id: string | null | undefined): string | undefined =>
  id === undefined || id === null || /^0*$/.test(id) ? undefined : id.toLowerCase()

const linkOf = (link: {
  readonly traceId?: string | null | undefined
  readonly spanId?: string | null | undefined
  readonly attributes?: KeyValues | null | undefined
}): ReadonlyArray<SpanLink> => {
  const traceId = idOf(link.traceId)
  const spanId = idOf(link.spanId)
  if (traceId === undefined || spanId === undefined) return []
  return [{ traceId, spanId, attributes: attributesOf(link.attributes) }]
}

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const
const codes = ["unset", "ok", "error"] as const

export const meaningOf = (span: typeof OtlpSpan.Type, origin: Origin): Span => ({
  traceId: span.traceId.toLowerCase(),
  spanId: span.spanId.toLowerCase(),
  parentSpanId: idOf(span.parentSpanId),
  name: span.name ?? "",
  kind: named(span.kind, "SPAN_KIND_", kinds),
  startedAt: microsOf(span.startTimeUnixNano),
  endedAt: microsOf(span.endTimeUnixNano),
  attributes: attributesOf(span.attributes),
  events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
    name: name ?? "",
    time: microsOf(timeUnixNano),
    attributes: attributesOf(attributes),
  })),
  links: (span.links ?? []).flatMap(linkOf),
  status: {
    code: named(span.status?.code, "STATUS_CODE_", codes),
    message: span.status?.message ?? "",
  },
  ...origin,
})
