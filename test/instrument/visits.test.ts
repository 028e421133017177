import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { Visits } from "../../otel/instrument/records/visits.ts"

describe("how often routes were visited", () => {
  it("is counted for each of the first 1,000, and for all others together", () => {
    const visits = new Visits()
    for (let route = 0; route < 1_000; route++) visits.add(`/${route}`)
    visits.add("/one")
    visits.add("/another")
    strictEqual(visits.of("/one"), visits.of("/another"))
    deepStrictEqual([visits.of("/7").count, visits.of("/one").count], [1, 2])
  })
})
