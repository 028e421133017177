import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { DueTraces } from "../../src/watch/due-traces.ts"

const nothing = { again: undefined, isUntold: false, cost: 0 }

const taken = (due: DueTraces, now: number) => {
  const next = due.take(now)
  return next === undefined ? undefined : [next.traceId, next.isSettled]
}

describe("a trace that changes", () => {
  it("is read after 0.1 s, and what was found is told when it has settled for 0.5 s", () => {
    const due = new DueTraces()
    due.changed("a", 0)
    strictEqual(taken(due, 99), undefined)
    deepStrictEqual(taken(due, 100), ["a", false])
    due.judged("a", { ...nothing, isUntold: true }, 100)
    strictEqual(taken(due, 499), undefined)
    deepStrictEqual(taken(due, 500), ["a", true])
    due.judged("a", nothing, 500)
    strictEqual(taken(due, 1e9), undefined)
  })

  it("that never settles is told of after 2 s all the same", () => {
    const due = new DueTraces()
    let told: number | undefined
    for (let now = 0; told === undefined && now < 10_000; now += 50) {
      due.changed("a", now)
      const next = due.take(now)
      if (next === undefined) continue
      if (next.isSettled) told = now
      due.judged("a", { ...nothing, isUntold: true }, now)
    }
    ok(told !== undefined && told >= 2_000 && told <= 2_150, String(told))
  })

  it("is judged again when a rule asked for it, without news", () => {
    const due = new DueTraces()
    due.changed("a", 0)
    due.take(600)
    due.judged("a", { ...nothing, again: 1_700 }, 600)
    strictEqual(taken(due, 1_699), undefined)
    deepStrictEqual(taken(due, 1_700), ["a", true])
  })

  it("waits for ten times of what it costs to judge it, while others have their turn", () => {
    const due = new DueTraces()
    due.changed("slow", 0)
    due.take(600)
    due.judged("slow", { ...nothing, cost: 300 }, 900)
    due.changed("slow", 1_000)
    due.changed("quick", 1_000)
    deepStrictEqual(taken(due, 1_100), ["quick", false])
    strictEqual(taken(due, 3_899), undefined)
    deepStrictEqual(taken(due, 3_900), ["slow", true])
  })

  it("is forgotten when nothing is to be done, and what it cost puts nothing off any more", () => {
    const due = new DueTraces()
    due.changed("slow", 0)
    due.take(600)
    due.judged("slow", { ...nothing, cost: 300 }, 900)
    due.take(3_700)
    strictEqual(due.size, 1)
    due.take(3_800)
    strictEqual(due.size, 0)
  })
})
