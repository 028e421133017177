import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { encodeDocument, encodeJson } from "../../src/otlp/encode.ts"
import { decodeDocument, decodeJson } from "../../src/otlp/export-request.ts"
import { expectTrueTimes } from "../support/span-order.ts"
import { AnyGroups, spanOf, spansOf } from "./spans.ts"

describe("spans written as an OTLP request and read again", () => {
  it.effect.prop(
    "are equal to what they were",
    [AnyGroups],
    Effect.fnUntraced(function* ([groups]) {
      // A clone, because what is generated may have no prototype.
      const spans = structuredClone(spansOf(groups))
      const decoded = yield* decodeJson(encodeJson(spans))
      deepStrictEqual(decoded.spans, spans)
      deepStrictEqual(decoded.rejected, [])
    }),
    { arbitrary: { runs: 100 }, timeout: 30_000 },
  )

  it.effect("share the resource of those they were written with", () =>
    Effect.gen(function* () {
      const resource = { "service.name": "shared" }
      const other = { "service.name": "other" }
      const spans = [spanOf({ resource }), spanOf({ resource: other }), spanOf({ resource })]
      strictEqual(encodeDocument(spans).resourceSpans.length, 2)
      const decoded = yield* decodeDocument(encodeDocument(spans))
      strictEqual(decoded.spans[0]?.resource, decoded.spans[1]?.resource)
      deepStrictEqual(
        decoded.spans.map((span) => span.resource),
        [resource, resource, other],
      )
    }),
  )

  it.effect("end after they have begun, also without length, and are read without", () =>
    Effect.gen(function* () {
      const span = spanOf({ startedAt: 1_795_424_010_727_051, endedAt: 1_795_424_010_727_051 })
      const sent = encodeJson([span])
      expectTrueTimes([sent])
      deepStrictEqual((yield* decodeJson(sent)).spans, [span])
    }),
  )

  it.effect("keep numbers that JSON has no form for", () =>
    Effect.gen(function* () {
      const attributes = {
        nan: Number.NaN,
        infinite: Number.NEGATIVE_INFINITY,
        negativeZero: -0,
        large: 2 ** 60,
        tiny: 5e-324,
      }
      const { spans } = yield* decodeJson(encodeJson([spanOf({ attributes })]))
      deepStrictEqual(spans[0]?.attributes, attributes)
    }),
  )
})
