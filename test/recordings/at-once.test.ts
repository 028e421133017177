import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { encodeDocument } from "../../src/otlp/encode.ts"
import { decodeDocument, decodeDocumentAtOnce } from "../../src/otlp/export-request.ts"
import { AnyGroups, spansOf } from "../otlp/spans.ts"

/** Places where a frame may have anything: what it holds, nothing, or something else. */
const Odd = Schema.Union([Schema.Null, Schema.Int, Schema.Array(Schema.Int), Schema.Struct({})])
const Odder = Schema.Struct({
  resourceSpans: Schema.Array(
    Schema.Union([
      Odd,
      Schema.Struct({
        resource: Schema.optional(Odd),
        scopeSpans: Schema.optional(
          Schema.Union([
            Odd,
            Schema.Array(Schema.Union([Odd, Schema.Struct({ spans: Schema.optional(Odd) })])),
          ]),
        ),
      }),
    ]),
  ),
})

const atOnce = (document: unknown) =>
  Result.mapError(decodeDocumentAtOnce(document), ({ message }) => message)

const inTurns = (document: unknown) =>
  Effect.result(decodeDocument(document)).pipe(
    Effect.map(Result.mapError(({ message }) => message)),
  )

describe("reading a document at once", () => {
  it.effect.prop("gives what reading it in turns gives", [AnyGroups], ([groups]) =>
    Effect.gen(function* () {
      const document = JSON.parse(JSON.stringify(encodeDocument(spansOf(groups))))
      deepStrictEqual(atOnce(document), yield* inTurns(document))
    }),
  )

  it.effect.prop("refuses what reading it in turns refuses", [Odder], ([document]) =>
    Effect.gen(function* () {
      deepStrictEqual(atOnce(document), yield* inTurns(document))
    }),
  )
})
