import { describe, expect, it } from "vitest"
import { diagnosisReport, shownSentence } from "../../../src/commands/diagnose/report.ts"
import type { SourceDiagnosis } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { HeldTrace } from "../../../src/recordings/diagnosis/held-trace.ts"
import { RecordingJudge } from "../../../src/recordings/diagnosis/recording-judge.ts"
import { broken, fixed, renamed } from "../../lifetimes/spans.ts"

/** So many broken and healthy streams, one a trace. */
const diagnosisOf = (count: number): SourceDiagnosis => {
  const judge = new RecordingJudge({ keepTraces: true })
  for (let number = 0; number < count; number++) {
    for (const spans of [renamed(broken, number), renamed(fixed, number + 1_000)]) {
      const held = new HeldTrace()
      for (const span of spans) held.add(span, 100, Number.POSITIVE_INFINITY)
      judge.judge(held)
    }
  }
  const { tally, kept } = judge
  return {
    traces: tally.traces,
    spans: tally.spans,
    skippedLines: 0,
    exchangesJudged: tally.exchangesJudged,
    exchangesOpen: tally.exchangesOpen,
    notes: [],
    findings: tally.findings(),
    known: [],
    isPartial: false,
    kept: kept?.traces ?? [],
    leftOut: 0,
    routes: [],
  }
}

describe("the report of a diagnosis", () => {
  it("has five examples of a finding and five exchanges of its route without one, and says so", () => {
    const {
      verdict,
      shown: sentences,
      runs,
      findings,
    } = diagnosisReport(diagnosisOf(20), "trace.jsonl", [])
    expect(verdict).toEqual([
      "Read 240 spans of 40 traces: 40 exchanges judged, 1 finding (scope-closed-early).",
    ])
    expect(sentences).toEqual([
      "Of that, 60 spans of 10 traces are shown: every finding with its count and up to five examples, and up to " +
        "five exchanges of each route without a finding.",
    ])
    const shown = new Set(runs.flatMap(({ spans }) => spans).map(({ traceId }) => traceId))
    expect(shown.size).toBe(10)
    const finding = findings[0]?.findings[0]?.finding
    expect(finding?.count).toBe(20)
    expect(finding?.examples.map(({ traceId }) => shown.has(traceId))).toEqual(Array(5).fill(true))
  })

  it("says that all is shown where it is", () => {
    expect(shownSentence(diagnosisOf(3))).toBe("All of that is shown.")
  })

  it("counts the spans of a large trace that are left out", () => {
    expect(shownSentence({ ...diagnosisOf(3), leftOut: 1_200 })).toContain(
      "36 spans of 6 traces are shown, without 1,200 more spans of these traces: every finding",
    )
  })
})
