import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { diagnoseSource } from "../../src/collector/diagnose-source.ts"
import { broken, fixed, leaking, renamed } from "../lifetimes/spans.ts"
import { found, linesOf, textSource } from "./recording.ts"

const Number32 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff }))

/** Numbers that follow from the first one. */
const numbersFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const everything = [
  ...broken,
  ...[1, 2, 3, 4].flatMap((number) => renamed(fixed, number)),
  ...[5, 6].flatMap((number) => renamed(leaking, number)),
  ...[7, 8, 9].flatMap((number) => renamed(broken, number)),
]

/** Some of the spans twice, in some order, on lines of some length. */
const written = (seed: number): string => {
  const below = numbersFrom(seed)
  const left = [...everything, ...everything.filter(() => below(4) === 0)]
  const lines: Array<string> = []
  while (left.length > 0) {
    const size = 1 + below(8)
    lines.push(
      linesOf(Array.from({ length: size }).flatMap(() => left.splice(below(left.length), 1))),
    )
  }
  return lines.join("")
}

describe("the order of lines, their length, and spans that come twice", () => {
  it.effect.prop("do not change what is found", [Number32, Number32], ([seed, room]) =>
    Effect.gen(function* () {
      const window = 2_000 + (room % 60_000)
      const source = textSource(written(seed), { piece: 1 + (room % 5_000) })
      const diagnosis = yield* diagnoseSource(source, { limits: { window, trace: 50_000 } })
      const whole = diagnose(everything)
      deepStrictEqual(found(diagnosis), whole.findings)
      deepStrictEqual(
        [diagnosis.traces, diagnosis.spans, diagnosis.exchangesJudged, diagnosis.exchangesOpen],
        [whole.traces, whole.spans, whole.exchangesJudged, whole.exchangesOpen],
      )
    }),
  )
})
