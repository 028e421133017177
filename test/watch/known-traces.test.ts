import { deepStrictEqual } from "node:assert"
import { describe, it } from "vitest"
import { KnownTraces } from "../../src/watch/known-traces.ts"
import { exchange } from "../lifetimes/exchange.ts"

/** The exchange of this number, in the one trace that a program has from its start to its end. */
const numbered = (number: number) => ({
  exchange: { ...exchange([0, 1]), span: { traceId: "trace", spanId: String(number) } },
  matches: [],
})

describe("what is known of a trace that never ends", () => {
  it("is forgotten with the exchanges that it has no more", () => {
    const traces = new KnownTraces(() => {})
    const last = 5_000
    for (let number = 0; number <= last; number++) {
      const now = [numbered(number), numbered(number + 1)]
      for (const judged of traces.seen("trace", now, new Set())) traces.judged(judged.exchange)
    }
    const isJudged = (number: number) => traces.isJudged(numbered(number).exchange)
    deepStrictEqual([0, 1_000, last, last + 1].map(isJudged), [false, false, true, true])
  })
})
