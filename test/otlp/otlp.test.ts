import { deepStrictEqual, match, strictEqual } from "node:assert"
import { readdirSync, readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeDocument } from "../../src/otlp/encode.ts"
import { decodeDocument, decodeJson } from "../../src/otlp/export-request.ts"
import { spanOf } from "./spans.ts"

const captures = new URL("../fixtures/captures/", import.meta.url)

const files = readdirSync(captures).filter((file) => file.endsWith(".jsonl"))

const otlpSpan = encodeDocument([spanOf()]).resourceSpans[0]?.scopeSpans[0]?.spans[0]

const requestOf = (...spans: ReadonlyArray<unknown>) => ({
  resourceSpans: [{ scopeSpans: [{ spans }] }],
})

describe("an OTLP request in JSON", () => {
  it.effect.each(files)("has no span that is rejected in the capture %s", (file) =>
    Effect.gen(function* () {
      const lines = readFileSync(new URL(file, captures), "utf8").trim().split("\n")
      for (const line of lines) {
        const { spans, rejected } = yield* decodeJson(line)
        deepStrictEqual(rejected, [])
        strictEqual(spans.length > 0, true)
      }
    }),
  )

  it.effect("keeps what a capture says of a server span", () =>
    Effect.gen(function* () {
      const lines = readFileSync(new URL("opencode-1.14.48.otlp.jsonl", captures), "utf8")
      const { spans } = yield* decodeJson(lines.split("\n")[1] ?? "")
      const server = spans.find((span) => span.kind === "server")
      strictEqual(server?.attributes["http.route"], "/event")
      strictEqual(server.attributes["http.response.status_code"], 200)
      strictEqual(
        server.events[0]?.attributes["exception.message"],
        "No context found for instance",
      )
      strictEqual(server.resource["service.name"], "opencode")
      strictEqual(server.startedAt, 1_795_424_010_898_034)
    }),
  )

  it.effect("gives the good spans and counts the bad ones with the reason", () =>
    Effect.gen(function* () {
      const { spans, rejected } = yield* decodeDocument(
        requestOf(
          { ...otlpSpan, traceId: "not hex" },
          otlpSpan,
          { ...otlpSpan, endTimeUnixNano: undefined },
          7,
        ),
      )
      strictEqual(spans.length, 1)
      deepStrictEqual(
        rejected.map(({ reason }) => reason),
        [
          "traceId is not 32 hex digits, or all zero",
          "startTimeUnixNano or endTimeUnixNano is missing or out of range",
          "the span is no object",
        ],
      )
    }),
  )

  it.effect("costs a resource that cannot be read its spans, and nobody else", () =>
    Effect.gen(function* () {
      const { spans, rejected } = yield* decodeDocument({
        resourceSpans: [
          { resource: { attributes: "none" }, scopeSpans: [{ spans: [otlpSpan, otlpSpan] }] },
          { resource: null, scopeSpans: [{ spans: [otlpSpan] }] },
        ],
      })
      strictEqual(spans.length, 1)
      strictEqual(rejected.length, 2)
    }),
  )

  it.effect("takes a key that would change the prototype as any other", () =>
    Effect.gen(function* () {
      const attributes = [{ key: "__proto__", value: { kvlistValue: { values: [] } } }]
      const { spans } = yield* decodeDocument(requestOf({ ...otlpSpan, attributes }))
      const read = spans[0]?.attributes ?? {}
      deepStrictEqual(Object.keys(read), ["__proto__"])
      strictEqual(Object.getPrototypeOf(read), Object.prototype)
    }),
  )

  it.effect("loses a span whose attributes nest without end, and not the stack", () =>
    Effect.gen(function* () {
      const deep = '{"arrayValue":{"values":['.repeat(50_000) + "]}}".repeat(50_000)
      const attributes: unknown = JSON.parse(`[{"key":"deep","value":${deep}}]`)
      const { spans, rejected } = yield* decodeDocument(
        requestOf({ ...otlpSpan, attributes }, otlpSpan),
      )
      strictEqual(spans.length, 1)
      strictEqual(rejected[0]?.reason, "attributes is no list of keys and values")
    }),
  )

  it.effect("may be empty", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* decodeJson("{}"), { spans: [], rejected: [] })
      deepStrictEqual(yield* decodeJson('{"resourceSpans":[]}'), { spans: [], rejected: [] })
    }),
  )

  it.effect.each([
    ["not json at all", /^not JSON/],
    ['{"resourceSpans": [', /^not JSON/],
    ["[]", /the document: Expected object/],
    ["null", /the document: Expected object/],
    ['{"resourceMetrics": []}', /resourceSpans: Missing key/],
    ['{"resourceSpans": "x"}', /resourceSpans: Expected array/],
    [
      '{"resourceSpans": [{"scopeSpans": [{"spans": 3}]}]}',
      /resourceSpans\[0\]\.scopeSpans\[0\]\.spans:/,
    ],
  ] as const)("is none, and the failure says where: %s", ([text, message]) =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(decodeJson(text))
      match(failure.message, message)
    }),
  )

  it.effect("is not repeated in the failure", () =>
    Effect.gen(function* () {
      for (const text of ["\u001b[31mred", '{"resourceSpans":"\\u001b[31mred"}']) {
        const { message } = yield* Effect.flip(decodeJson(text))
        strictEqual(message.includes("red"), false)
      }
    }),
  )
})
