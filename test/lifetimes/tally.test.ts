import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { Tally } from "../../otel/lifetimes/tally.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { broken, fixed, leaking, leftBehind, orphaned, renamed, server, span } from "./spans.ts"

const judged = (spans: ReadonlyArray<Span>) => {
  const trace = traceOf(spans)
  const moment = { now: Number.MAX_SAFE_INTEGER, grace: 1_000_000, final: true }
  return [trace.size, judgeTrace(trace, moment)] as const
}

/** Twelve traces, of which seven have the same finding. */
const traces = [
  ...[1, 2, 3, 4, 5, 6, 7].map((number) => renamed(broken, number)),
  renamed(fixed, 8),
  renamed(leaking, 9),
  renamed(orphaned, 10),
  renamed(leftBehind, 11),
  renamed([server([0, 5]), span("another", [0, 1], { below: "unknown" })], 12),
].map(judged)

const outcome = (tally: Tally) => ({
  traces: tally.traces,
  spans: tally.spans,
  judged: tally.exchangesJudged,
  open: tally.exchangesOpen,
  notes: tally.notes(),
  findings: tally.findings(),
})

const tallyOf = (all: ReadonlyArray<(typeof traces)[number]>): Tally => {
  const tally = new Tally({ takesBack: true })
  for (const [spans, trace] of all) tally.add(spans, trace)
  return tally
}

describe("a tally that takes a trace back", () => {
  it("is as if that had never come, whichever it is", () => {
    for (const [spans, trace] of traces) {
      const tally = tallyOf(traces)
      tally.takeBack(spans, trace)
      deepStrictEqual(outcome(tally), outcome(tallyOf(traces.filter(([, one]) => one !== trace))))
    }
  })

  it("has others to show in the place of the examples that it took back", () => {
    const tally = tallyOf(traces)
    for (const [spans, trace] of traces.slice(0, 3)) tally.takeBack(spans, trace)
    const finding = tally.findings().find(({ finding: { rule } }) => rule === "scope-closed-early")
    strictEqual(finding?.finding.count, 4)
    strictEqual(finding?.finding.examples.length, 4)
    strictEqual(
      finding?.example?.exchange.span.traceId,
      traces[3]?.[1].exchanges[0]?.exchange.span.traceId,
    )
  })

  it("is empty where it took all of them back", () => {
    const tally = tallyOf(traces)
    for (const [spans, trace] of traces.toReversed()) tally.takeBack(spans, trace)
    deepStrictEqual(outcome(tally), outcome(new Tally()))
  })

  it("finds what one finds that keeps only the first examples", () => {
    const tally = new Tally()
    for (const [spans, trace] of traces.toReversed()) tally.add(spans, trace)
    deepStrictEqual(outcome(tally), outcome(tallyOf(traces)))
  })
})
