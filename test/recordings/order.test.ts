import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { broken, fixed, leaking, renamed } from "../lifetimes/spans.ts"
import { disordered } from "./disorder.ts"
import { found, textSource } from "./recording.ts"

const Number32 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff }))

const everything = [
  ...broken,
  ...[1, 2, 3, 4].flatMap((number) => renamed(fixed, number)),
  ...[5, 6].flatMap((number) => renamed(leaking, number)),
  ...[7, 8, 9].flatMap((number) => renamed(broken, number)),
]

const whole = diagnose(everything)

describe("the order of lines, their length, and spans that come twice", () => {
  it.effect.prop("do not change what is found", [Number32, Number32], ([seed, room]) =>
    Effect.gen(function* () {
      const window = 2_000 + (room % 60_000)
      const source = textSource(disordered(everything, seed), { piece: 1 + (room % 5_000) })
      const diagnosis = yield* diagnoseSource(source, { limits: { window, trace: 50_000 } })
      deepStrictEqual(found(diagnosis), whole.findings)
      deepStrictEqual(
        [diagnosis.traces, diagnosis.spans, diagnosis.exchangesJudged, diagnosis.exchangesOpen],
        [whole.traces, whole.spans, whole.exchangesJudged, whole.exchangesOpen],
      )
    }),
  )
})
