import { deepStrictEqual, strictEqual } from "node:assert"
import { gzipSync } from "node:zlib"
import { describe, it } from "@effect/vitest"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { encodeDocument, encodeJson } from "../../src/otlp/encode.ts"
import { sdkSpans } from "../otlp/sdk-spans.ts"
import { spanOf } from "../otlp/spans.ts"
import { asked } from "../support/asked.ts"
import { post, receiver } from "./post.ts"

const protobuf = "application/x-protobuf"

/** Field 1 of `google.rpc.Status`, the code, and field 2, the message. */
const statusOf = (bytes: Uint8Array) => ({
  code: bytes[0] === 0x08 ? bytes[1] : undefined,
  message: new TextDecoder().decode(bytes.subarray(4)),
})

const oneBad = () => {
  const { resourceSpans } = encodeDocument([spanOf()])
  return JSON.stringify({
    resourceSpans: [...resourceSpans, { scopeSpans: [{ spans: [{ traceId: "bad" }] }] }],
  })
}

describe("the receiver", () => {
  it.live("takes JSON and answers in JSON", () =>
    Effect.gen(function* () {
      const span = spanOf()
      const answer = yield* post(encodeJson([span]))
      strictEqual(answer.status, 200)
      strictEqual(answer.headers.get("content-type"), "application/json")
      strictEqual(answer.text, "{}")
      const store = yield* TraceStore
      deepStrictEqual(yield* store.trace(span.traceId), [span])
    }).pipe(Effect.provide(receiver)),
  )

  it.live("takes protobuf and answers in protobuf", () =>
    Effect.gen(function* () {
      const spans = sdkSpans()
      const answer = yield* post(ProtobufTraceSerializer.serializeRequest(spans), {
        contentType: protobuf,
      })
      strictEqual(answer.status, 200)
      strictEqual(answer.headers.get("content-type"), protobuf)
      strictEqual(answer.bytes.length, 0)
      const store = yield* TraceStore
      const traceId = spans[0]?.spanContext().traceId ?? ""
      strictEqual((yield* store.trace(traceId)).length, 2)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("unpacks gzip, and takes a content type with parameters", () =>
    Effect.gen(function* () {
      const span = spanOf()
      const answer = yield* post(gzipSync(encodeJson([span])), {
        contentType: "Application/JSON; charset=utf-8",
        coding: "gzip",
      })
      strictEqual(answer.status, 200)
      const store = yield* TraceStore
      deepStrictEqual(yield* store.trace(span.traceId), [span])
    }).pipe(Effect.provide(receiver)),
  )

  it.live("takes what OpenTelemetry's own exporter sends", () =>
    Effect.gen(function* () {
      const { tracesUrl } = yield* Receiver
      const exporter = new OTLPTraceExporter({ url: tracesUrl })
      const result = yield* Effect.callback<number>((resume) =>
        exporter.export(sdkSpans(), ({ code }) => resume(Effect.succeed(code))),
      )
      yield* Effect.promise(() => exporter.shutdown())
      strictEqual(result, 0)
      const store = yield* TraceStore
      strictEqual((yield* store.counts).spans, 2)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("keeps the good spans and says how many were rejected, and why", () =>
    Effect.gen(function* () {
      const answer = yield* post(oneBad())
      strictEqual(answer.status, 200)
      deepStrictEqual(JSON.parse(answer.text), {
        partialSuccess: {
          rejectedSpans: "1",
          errorMessage: "traceId is not 32 hex digits, or all zero",
        },
      })
      const store = yield* TraceStore
      strictEqual((yield* store.counts).spans, 1)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("says in protobuf how many were rejected to who sent protobuf", () =>
    Effect.gen(function* () {
      const request = Uint8Array.from([0x0a, 4, 0x12, 2, 0x12, 0])
      const answer = yield* post(request, { contentType: protobuf })
      const response = ProtobufTraceSerializer.deserializeResponse(answer.bytes)
      strictEqual(answer.status, 200)
      strictEqual(Number(response.partialSuccess?.rejectedSpans), 1)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answers 400 with a status where the body is no OTLP", () =>
    Effect.gen(function* () {
      for (const body of ["{", "", '{"resourceSpans":7}']) {
        const answer = yield* post(body)
        strictEqual(answer.status, 400)
        strictEqual(answer.headers.get("content-type"), "application/json")
        strictEqual(JSON.parse(answer.text).code, 3)
      }
      const answer = yield* post(Uint8Array.from([0x0a, 9, 9]), { contentType: protobuf })
      strictEqual(answer.status, 400)
      strictEqual(answer.headers.get("content-type"), protobuf)
      const { code, message } = statusOf(answer.bytes)
      strictEqual(code, 3)
      strictEqual(message.startsWith("not an OTLP trace export request"), true)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answers 400 where the body says gzip and is not", () =>
    Effect.gen(function* () {
      const answer = yield* post(encodeJson([spanOf()]), { coding: "gzip" })
      strictEqual(answer.status, 400)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answers 415 to another content type or coding, and names the codings it knows", () =>
    Effect.gen(function* () {
      const type = yield* post("a=b", { contentType: "application/x-www-form-urlencoded" })
      strictEqual(type.status, 415)
      strictEqual(JSON.parse(type.text).code, 3)
      const coding = yield* post("{}", { coding: "br" })
      strictEqual(coding.status, 415)
      strictEqual(coding.headers.get("accept-encoding"), "gzip")
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answers 405 to another method, and names the one it takes", () =>
    Effect.gen(function* () {
      for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
        const answer = yield* post(undefined, { method })
        strictEqual(answer.status, 405)
        strictEqual(answer.headers.get("allow"), "POST")
      }
    }).pipe(Effect.provide(receiver)),
  )

  it.live("answers 404 in JSON to any other path", () =>
    Effect.gen(function* () {
      for (const path of ["/", "/v1/metrics", "/v1/traces/"]) {
        const answer = yield* post("{}", { path })
        strictEqual(answer.status, 404)
        strictEqual(JSON.parse(answer.text).code, 5)
      }
    }).pipe(Effect.provide(receiver)),
  )

  it.live("refuses another name of this machine, and pages of another origin", () =>
    Effect.gen(function* () {
      const { tracesUrl } = yield* Receiver
      const body = encodeJson([spanOf()])
      const type = { "content-type": "application/json" }
      const foreign = [{ host: "rebound.example" }, { origin: "http://evil.example" }]
      for (const headers of foreign) {
        const sent = { method: "POST", body, headers: { ...type, ...headers } }
        const answer = yield* asked(tracesUrl, sent)
        strictEqual(answer.status, 403)
        strictEqual(JSON.parse(answer.text).code, 7)
      }
      const store = yield* TraceStore
      strictEqual((yield* store.counts).spans, 0)
    }).pipe(Effect.provide(receiver)),
  )

  it.live("leaves no spans of its own in the program that it is part of", () => {
    const names: Array<string> = []
    const recording = Tracer.make({
      span: (options) => {
        names.push(options.name)
        return new Tracer.NativeSpan(options)
      },
    })
    return Effect.gen(function* () {
      yield* Effect.void.pipe(Effect.withSpan("the program's own"))
      strictEqual((yield* post(encodeJson([spanOf()]))).status, 200)
      strictEqual((yield* post("{", { contentType: protobuf })).status, 400)
      deepStrictEqual(names, ["the program's own"])
    }).pipe(Effect.provide(receiver), Effect.provideService(Tracer.Tracer, recording))
  })
})
