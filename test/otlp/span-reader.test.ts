import { deepStrictEqual, ok } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { jsonScalars } from "../../src/otlp/scalars.ts"
import { readSpan } from "../../src/otlp/span-reader.ts"
import { meaningOf, OtlpSpan } from "./otlp-schema.ts"

// Spans as they should be, and one of their fields as it should not.

const Wrong = Schema.Union([
  Schema.Null,
  Schema.Boolean,
  Schema.Int,
  Schema.Finite,
  Schema.String,
  Schema.Struct({}),
  Schema.Array(Schema.Null),
])

const ids = {
  trace: Schema.Literals(["0af7651916cd43dd8448eb211c80319c", "0AF7651916CD43DD8448EB211C80319C"]),
  span: Schema.Literals(["b7ad6b7169203331", "B7AD6B7169203331"]),
  none: Schema.Literals(["", "0000000000000000"]),
}

const Time = Schema.Union([
  Schema.Literals(["1795424010727051999", "0", "999", "00001000"]),
  Schema.Literals([0, 1500, 1_795_424_010_727_052_000]),
])

const Leaf = Schema.Union([
  Schema.Struct({ stringValue: Schema.String }),
  Schema.Struct({
    intValue: Schema.Union([Schema.Int, Schema.Literals(["-12", "9007199254740993"])]),
  }),
  Schema.Struct({
    doubleValue: Schema.Union([Schema.Finite, Schema.Literals(["NaN", "-Infinity"])]),
  }),
  Schema.Struct({ doubleValue: Schema.Literals(["1.5e3", "-0"]) }),
  Schema.Struct({ boolValue: Schema.Boolean }),
  Schema.Struct({ bytesValue: Schema.Literal("AQID") }),
  Schema.Struct({ someNewValue: Wrong }),
  Schema.Struct({}),
  Schema.Null,
])

const Value = Schema.Union([
  Leaf,
  Schema.Struct({ arrayValue: Schema.Struct({ values: Schema.Array(Leaf) }) }),
  Schema.Struct({
    kvlistValue: Schema.Struct({
      values: Schema.Array(Schema.Struct({ key: Schema.String, value: Leaf })),
    }),
  }),
])

const Pairs = Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.optionalKey(Value) }))

const Sent = Schema.Struct({
  traceId: ids.trace,
  spanId: ids.span,
  parentSpanId: Schema.optionalKey(Schema.Union([ids.span, ids.none, Schema.Null])),
  name: Schema.optionalKey(Schema.String),
  kind: Schema.optionalKey(
    Schema.Union([Schema.Int, Schema.Literals([2, 99, "SPAN_KIND_CLIENT", "server"])]),
  ),
  startTimeUnixNano: Time,
  endTimeUnixNano: Time,
  attributes: Schema.optionalKey(Pairs),
  events: Schema.optionalKey(
    Schema.Array(Schema.Struct({ timeUnixNano: Time, name: Schema.String, attributes: Pairs })),
  ),
  links: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        traceId: Schema.Union([ids.trace, Schema.Literal("")]),
        spanId: Schema.Union([ids.span, ids.none]),
      }),
    ),
  ),
  status: Schema.optionalKey(
    Schema.Struct({ code: Schema.Literals([2, "STATUS_CODE_OK"]), message: Schema.String }),
  ),
  flags: Schema.optionalKey(Wrong),
})

const badTimes = ["18446744073709551615", "1.5", "-1", "", "123456789012345678901", 1.5, -1000]
const badIds = ["0".repeat(32), "0".repeat(16), "0af7", `${"a".repeat(31)}g`]

const badValues = [
  { intValue: "99999999999999999999" },
  { intValue: 1e300 },
  { intValue: 0.5 },
  { intValue: true },
  { stringValue: 3 },
  { doubleValue: "0x10" },
  { boolValue: "true" },
  { bytesValue: [1] },
  { arrayValue: [] },
  { arrayValue: { values: {} } },
  { kvlistValue: { values: [3] } },
  "text",
].map((value) => [{ key: "key", value }])

const spoilers: ReadonlyArray<unknown> = [
  ...badTimes,
  ...badIds,
  ...badValues,
  ...badTimes.map((timeUnixNano) => [{ name: "event", timeUnixNano }]),
  ...badIds.map((traceId) => [{ traceId, spanId: "b7ad6b7169203331" }]),
  ...badValues.map((attributes) => [{ timeUnixNano: "1", attributes }]),
  [{ key: 3 }],
  [3],
]

const Spoilt = Schema.Struct({
  field: Schema.Literals(Object.keys(Sent.fields)),
  value: Schema.Union([
    Wrong,
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: spoilers.length - 1 })),
  ]),
})

const bySchema = Schema.decodeUnknownExit(OtlpSpan)
const origin = {
  resource: { "service.name": "test" },
  instrumentation: { name: "test", version: "1" },
}

const judgedBySchema = (sent: unknown) => {
  const exit = bySchema(sent)
  return Exit.isSuccess(exit) ? meaningOf(exit.value, origin) : "rejected"
}

const judgedByReader = (sent: unknown) => {
  const span = readSpan(jsonScalars, sent, origin)
  return "reason" in span ? "rejected" : span
}

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("the reader of spans", () => {
  it.prop(
    "reads a good span as the schema does",
    [Sent],
    ([generated]) => {
      const sent = throughJson(generated)
      const read = judgedByReader(sent)
      ok(read !== "rejected")
      deepStrictEqual(read, judgedBySchema(sent))
    },
    { arbitrary: { runs: 500 }, timeout: 30_000 },
  )

  it.prop(
    "takes and rejects a span with a spoilt field as the schema does",
    [Sent, Spoilt],
    ([generated, { field, value }]) => {
      const spoiler = typeof value === "number" ? (spoilers[value] ?? value) : value
      const sent = throughJson({ ...generated, [field]: spoiler })
      deepStrictEqual(judgedByReader(sent), judgedBySchema(sent))
    },
    { arbitrary: { runs: 3_000 }, timeout: 30_000 },
  )
})
