import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { DueTraces } from "../../src/collector/due-traces.ts"

const nothing = { again: undefined, isUntold: false, cost: 0 }

/** What is judged after 0.1 s, whether it has settled or not. */
const dueSoon = () => new DueTraces(100)

const next = (due: DueTraces, now: number) => {
  const [first] = due.take(now)
  return first
}

const taken = (due: DueTraces, now: number) => {
  const first = next(due, now)
  return first === undefined ? undefined : [first.traceId, first.isSettled]
}

describe("a trace that changes", () => {
  it("is read after 0.1 s, and what was found is told when it has settled for 0.5 s", () => {
    const due = dueSoon()
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
    const due = dueSoon()
    let told: number | undefined
    for (let now = 0; told === undefined && now < 10_000; now += 50) {
      due.changed("a", now)
      const first = next(due, now)
      if (first === undefined) continue
      if (first.isSettled) told = now
      due.judged("a", { ...nothing, isUntold: true }, now)
    }
    ok(told !== undefined && told >= 2_000 && told <= 2_150, String(told))
  })

  it("is read when it has settled, and not before, where nothing else is asked for", () => {
    const due = new DueTraces()
    due.changed("a", 0)
    due.changed("a", 400)
    strictEqual(taken(due, 499), undefined)
    deepStrictEqual(taken(due, 500), ["a", false])
    due.judged("a", { ...nothing, isUntold: true }, 500)
    strictEqual(taken(due, 899), undefined)
    deepStrictEqual(taken(due, 900), ["a", true])
  })

  it("is known to be on its way until it has settled", () => {
    const due = dueSoon()
    due.changed("a", 0)
    next(due, 100)
    due.judged("a", { ...nothing, isUntold: true }, 100)
    deepStrictEqual(
      [200, 500].map((now) => due.isSettled("a", now)),
      [false, true],
    )
    strictEqual(due.isSettled("another", 0), true)
  })

  it("is judged again when a rule asked for it, without news", () => {
    const due = dueSoon()
    due.changed("a", 0)
    next(due, 600)
    due.judged("a", { ...nothing, again: 1_700 }, 600)
    strictEqual(taken(due, 1_699), undefined)
    deepStrictEqual(taken(due, 1_700), ["a", true])
  })

  it("waits for ten times of what it costs to judge it, while others have their turn", () => {
    const due = dueSoon()
    due.changed("slow", 0)
    next(due, 600)
    due.judged("slow", { ...nothing, cost: 300 }, 900)
    due.changed("slow", 1_000)
    due.changed("quick", 1_000)
    deepStrictEqual(taken(due, 1_100), ["quick", false])
    strictEqual(taken(due, 3_899), undefined)
    deepStrictEqual(taken(due, 3_900), ["slow", true])
  })

  it("is forgotten when nothing is to be done, and what it cost puts nothing off any more", () => {
    const due = dueSoon()
    due.changed("slow", 0)
    next(due, 600)
    due.judged("slow", { ...nothing, cost: 300 }, 900)
    next(due, 3_700)
    strictEqual(due.size, 1)
    next(due, 3_800)
    strictEqual(due.size, 0)
  })
})
