import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { allKinds, broken } from "./spans.ts"

const Order = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff }))

/** Some order, another for every number. */
const shuffled = <A>(all: ReadonlyArray<A>, order: number): ReadonlyArray<A> => {
  let state = order
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const left = [...all]
  return all.flatMap(() => left.splice(next(left.length), 1))
}

describe("the order in which spans come", () => {
  it.prop("does not change what is found in a trace", [Order], ([order]) => {
    deepStrictEqual(diagnose(shuffled(broken, order)), diagnose(broken))
  })

  it.prop("does not change what is found in traces of every kind", [Order], ([order]) => {
    deepStrictEqual(diagnose(shuffled(allKinds, order)).findings, diagnose(allKinds).findings)
  })

  it.prop("does not matter when some of them come again", [Order, Order], ([again, order]) => {
    const twice = shuffled(allKinds, again).slice(0, again % allKinds.length)
    const seen = shuffled([...allKinds, ...twice], order)
    deepStrictEqual(diagnose(seen).findings, diagnose(allKinds).findings)
  })

  it("is that of traces which show every kind of finding that spans can show", () => {
    strictEqual(new Set(diagnose(allKinds).findings.map(({ rule }) => rule)).size, 8)
  })
})
