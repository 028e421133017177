import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer"
import * as Effect from "effect/Effect"
import { json, protobuf } from "../../src/otlp/encoding.ts"
import { decodeJson, decodeProtobuf } from "../../src/otlp/export-request.ts"
import { sdkSpans } from "./sdk-spans.ts"

const bytesOf = (serialized: Uint8Array | undefined): Uint8Array => serialized ?? new Uint8Array()

/** A field of a protobuf message that holds bytes. */
const field = (number: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([varint((number << 3) | 2), varint(content.length), content])

const varint = (value: number): Uint8Array => {
  const bytes: Array<number> = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.from([...bytes, rest])
}

const requestOf = (span: Uint8Array) => field(1, field(2, field(2, span)))

describe("an OTLP request in protobuf", () => {
  it.effect("holds the same spans as in JSON, as OpenTelemetry's own exporter writes both", () =>
    Effect.gen(function* () {
      const spans = sdkSpans()
      const fromProtobuf = yield* decodeProtobuf(
        bytesOf(ProtobufTraceSerializer.serializeRequest(spans)),
      )
      const text = new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans))
      const fromJson = yield* decodeJson(text)
      strictEqual(fromProtobuf.spans.length, spans.length)
      deepStrictEqual(fromProtobuf, fromJson)
    }),
  )

  it.effect("keeps every kind of value", () =>
    Effect.gen(function* () {
      const { spans } = yield* decodeProtobuf(
        bytesOf(ProtobufTraceSerializer.serializeRequest(sdkSpans())),
      )
      const child = spans.find((span) => span.name === "child")
      deepStrictEqual(child?.attributes, {
        text: "ä\u0000z",
        integer: -42,
        double: 0.25,
        zero: 0,
        no: false,
        empty: "",
        list: ["a", "b"],
        large: Number.MAX_SAFE_INTEGER,
      })
      strictEqual(child.kind, "client")
      deepStrictEqual(child.status, { code: "error", message: "it broke" })
      deepStrictEqual(child.events, [
        { name: "halfway", time: 1_700_000_000_500_000, attributes: { step: 1 } },
      ])
      strictEqual(child.startedAt, 1_700_000_000_000_001)
      strictEqual(child.endedAt, 1_700_000_001_000_000)
      strictEqual(child.links.length, 1)
      ok(child.parentSpanId !== undefined)
    }),
  )

  it.effect("shares the attributes of a resource, and what made them, among its spans", () =>
    Effect.gen(function* () {
      const { spans } = yield* decodeProtobuf(
        bytesOf(ProtobufTraceSerializer.serializeRequest(sdkSpans())),
      )
      strictEqual(spans[0]?.resource["service.name"], "sdk")
      strictEqual(spans[0]?.resource, spans[1]?.resource)
      deepStrictEqual(spans[0]?.instrumentation, { name: "test", version: "1.0" })
      strictEqual(spans[0]?.instrumentation, spans[1]?.instrumentation)
    }),
  )

  it.effect("loses a damaged span, and not the others", () =>
    Effect.gen(function* () {
      const good = bytesOf(ProtobufTraceSerializer.serializeRequest(sdkSpans()))
      const damaged = requestOf(Uint8Array.from([0x0a, 0x50, 1]))
      const { spans, rejected } = yield* decodeProtobuf(Buffer.concat([good, damaged]))
      strictEqual(spans.length, 2)
      strictEqual(rejected.length, 1)
    }),
  )

  it.effect("loses a span that nests without end, or takes more than 1 MiB", () =>
    Effect.gen(function* () {
      let value: Uint8Array = new Uint8Array()
      for (let depth = 0; depth < 2_000; depth++) value = field(5, field(1, value))
      const deep = requestOf(field(9, field(2, value)))
      const large = requestOf(Buffer.alloc(2 ** 20 + 2, field(9, new Uint8Array())))
      for (const request of [deep, large]) {
        const { spans, rejected } = yield* decodeProtobuf(request)
        deepStrictEqual(spans, [])
        deepStrictEqual(
          rejected.map(({ reason }) => reason),
          ["the span is no protobuf message, or larger than 1 MiB"],
        )
      }
    }),
  )

  it.effect("may be empty", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* decodeProtobuf(new Uint8Array()), { spans: [], rejected: [] })
    }),
  )

  it.effect(
    "is none where it is cut short, JSON, of other fields, or a million empty messages",
    () =>
      Effect.gen(function* () {
        const whole = bytesOf(ProtobufTraceSerializer.serializeRequest(sdkSpans()))
        const inputs = [
          whole.subarray(0, whole.length - 5),
          Buffer.from('{"resourceSpans":[]}'),
          field(2, Buffer.from("something else")),
          Buffer.alloc(2 ** 22, field(1, new Uint8Array())),
        ]
        for (const input of inputs) {
          const failure = yield* Effect.flip(decodeProtobuf(input))
          strictEqual(failure._tag, "NotOtlp")
        }
      }),
  )
})

describe("the answer to an export request", () => {
  it.effect.each([
    ["JSON", json, JsonTraceSerializer],
    ["protobuf", protobuf, ProtobufTraceSerializer],
  ] as const)("is understood by OpenTelemetry's own exporter in %s", ([, encoding, serializer]) =>
    Effect.gen(function* () {
      const partial = serializer.deserializeResponse(yield* encoding.response(3, "three were bad"))
      strictEqual(Number(partial.partialSuccess?.rejectedSpans), 3)
      strictEqual(partial.partialSuccess?.errorMessage, "three were bad")
      const full = serializer.deserializeResponse(yield* encoding.response(0, ""))
      strictEqual(full.partialSuccess, undefined)
    }),
  )
})
