import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Match } from "../../otel/lifetimes/finding.ts"
import { FindingKinds } from "../../src/watch/finding-kinds.ts"
import { hexOf } from "../otlp/spans.ts"

const match = (trace: number, rule = "scope-closed-early", operation = "scope handler"): Match => ({
  rule,
  severity: "error",
  confidence: "certain",
  service: "ticks",
  route: "GET /event",
  operation,
  message: `Scope "handler" closed in ${trace}.`,
  evidence: {},
  suggestion: "",
  code: undefined,
  exchange: { traceId: hexOf(trace, 32), spanId: hexOf(1, 16) },
  stream: undefined,
  spanIds: [hexOf(2, 16)],
})

const found = (kinds: FindingKinds, trace: number, matches: ReadonlyArray<Match>, run = 1) =>
  kinds.judged({ traceId: hexOf(trace, 32), matches, runOf: () => run }, trace)

const shown = (kinds: FindingKinds, run = 1, exchanges = 0) =>
  kinds
    .all(
      () => ({ run, exchanges }),
      () => undefined,
    )
    .map((kind) => {
      const { rule, count, state: is } = kind
      return [rule, count, is]
    })

describe("kinds of findings", () => {
  it("count each finding once, however often its trace is judged", () => {
    const kinds = new FindingKinds()
    for (const trace of [1, 1, 2, 1]) found(kinds, trace, [match(trace)])
    deepStrictEqual(shown(kinds), [["scope-closed-early", 2, "found"]])
  })

  it("stay as withdrawn, with what explains them, when a later judgement takes them back", () => {
    const kinds = new FindingKinds()
    found(kinds, 1, [match(1, "server-ended-stream", "stream event")])
    found(kinds, 1, [match(1)])
    deepStrictEqual(shown(kinds), [
      ["scope-closed-early", 1, "found"],
      ["server-ended-stream", 0, "withdrawn"],
    ])
    const [, withdrawn] = kinds.all(
      () => ({ run: 1, exchanges: 0 }),
      () => undefined,
    )
    strictEqual(withdrawn?.explainedBy, "scope-closed-early")
  })

  it("are there as long as another trace has one", () => {
    const kinds = new FindingKinds()
    for (const trace of [1, 2]) found(kinds, trace, [match(trace)])
    found(kinds, 1, [])
    deepStrictEqual(shown(kinds), [["scope-closed-early", 1, "found"]])
  })

  it("are not judged yet in a new run, and still there when they come again", () => {
    const kinds = new FindingKinds()
    found(kinds, 1, [match(1)])
    deepStrictEqual(shown(kinds, 2, 0), [["scope-closed-early", 1, "not judged yet"]])
    found(kinds, 2, [match(2)], 2)
    deepStrictEqual(shown(kinds, 2, 1), [["scope-closed-early", 2, "still there"]])
  })

  it("are back when they come again after they were gone, and still there in the run after that", () => {
    const kinds = new FindingKinds()
    found(kinds, 1, [match(1)])
    deepStrictEqual(shown(kinds, 2, 31), [["scope-closed-early", 1, "gone"]])
    found(kinds, 2, [match(2)], 2)
    for (const judged of [32, 33]) {
      deepStrictEqual(shown(kinds, 2, judged), [["scope-closed-early", 2, "back"]])
    }
    found(kinds, 3, [match(3)], 3)
    deepStrictEqual(shown(kinds, 3, 1), [["scope-closed-early", 3, "still there"]])
  })

  it("have the sentence of the latest, and five examples with that one first", () => {
    const kinds = new FindingKinds()
    for (let trace = 1; trace <= 9; trace++) found(kinds, trace, [match(trace)])
    const [kind] = kinds.all(
      () => ({ run: 1, exchanges: 0 }),
      () => undefined,
    )
    strictEqual(kind?.message, 'Scope "handler" closed in 9.')
    deepStrictEqual(
      kind?.examples.map((id) => Number(`0x${id.slice(0, 32)}`)),
      [9, 4, 3, 2, 1],
    )
  })

  it("do not have an example that was taken back beside one that was found later", () => {
    const kinds = new FindingKinds()
    found(kinds, 1, [match(1)])
    found(kinds, 1, [])
    found(kinds, 2, [match(2)])
    const [kind] = kinds.all(
      () => ({ run: 1, exchanges: 0 }),
      () => undefined,
    )
    deepStrictEqual(
      kind?.examples.map((id) => Number(`0x${id.slice(0, 32)}`)),
      [2],
    )
  })

  it("are a thousand at most, and the others are counted", () => {
    const kinds = new FindingKinds()
    for (let trace = 1; trace <= 1_003; trace++) {
      found(kinds, trace, [match(trace, "scope-closed-early", `scope ${trace}`)])
    }
    strictEqual(shown(kinds).length, 1_000)
    strictEqual(kinds.unlisted, 3)
  })
})
