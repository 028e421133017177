import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { DueTraces } from "../../src/collector/due-traces.ts"
import { judgingOf } from "../../src/collector/judging.ts"

/** A hundred traces that are due, each of which takes 4 ms to judge. */
const slowly = () => {
  const due = new DueTraces()
  const judged: Array<string> = []
  const ids = Array.from({ length: 100 }, (_, n) => `trace ${n}`)
  for (const id of ids) due.changed(id, 0)
  const judge = (traceId: string) =>
    Effect.sync(() => {
      const began = performance.now()
      while (performance.now() - began < 4);
      judged.push(traceId)
      return { again: undefined, isUntold: false }
    })
  return { ids, judged, judging: judgingOf({ due, now: () => 1_000, judge }) }
}

describe("traces that are due", () => {
  it.effect("are judged a few at a time, so that others have their turn", () =>
    Effect.gen(function* () {
      const { ids, judged, judging } = slowly()
      strictEqual(yield* judging.turn, true)
      ok(judged.length <= 3, String(judged.length))
      while (yield* judging.turn);
      deepStrictEqual(judged, ids)
    }),
  )

  it.effect("are all judged where nothing more comes, and others have their turn meanwhile", () =>
    Effect.gen(function* () {
      const { ids, judged, judging } = slowly()
      let turns = 0
      const timer = setInterval(() => turns++, 0)
      yield* judging.settle
      clearInterval(timer)
      deepStrictEqual(judged, ids)
      ok(turns > 10, String(turns))
    }),
  )
})
