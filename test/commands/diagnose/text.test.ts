import { describe, expect, it } from "vitest"
import { largeTrace } from "../../../bench/large-trace.ts"
import { groupFindings } from "../../../otel/lifetimes/finding.ts"
import { plainText } from "../../../otel/timeline/segment.ts"
import { recordingsLines } from "../../../src/commands/compare/recordings-text.ts"
import { diagnosisLines, outcomeSentence } from "../../../src/commands/diagnose/text.ts"
import type { SourceDiagnosis } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { compareDiagnoses } from "../../../src/recordings/finding-changes.ts"
import { diagnosed, linesOf } from "../../recordings/recording.ts"
import { matchOf } from "../../timeline/exchanges.ts"

/** A recording in which each of so many scopes cut off a stream. */
const withFindings = (count: number) => diagnosed(linesOf(largeTrace(1 + 3 * count)))

const headings = (text: string) => text.match(/^scope-closed-early/gm)?.length

describe("a recording with more findings than anybody reads", () => {
  it("shows a hundred of them, and says how many more there are", async () => {
    const text = plainText(diagnosisLines(await withFindings(102), 100))
    expect(headings(text)).toBe(100)
    expect(text).toContain("2 more findings are not shown: --json has them.\n\n")
  })

  it("shows a hundred of each kind beside another recording", async () => {
    const diagnosis = await withFindings(102)
    const text = plainText(recordingsLines(compareDiagnoses(diagnosis, diagnosis), 100))
    expect(text).toContain("Still there (102)")
    expect(headings(text)).toBe(100)
    expect(text).toContain("2 more findings are not shown: --json has them.\n\n")
  })

  it("shows all that there are where they are few enough", async () => {
    const text = plainText(diagnosisLines(await withFindings(3), 100))
    expect(headings(text)).toBe(3)
    expect(text).not.toContain("not shown")
  })
})

const findings = groupFindings([matchOf()]).map((finding) => ({ finding, example: undefined }))

const outcome = (more: Partial<SourceDiagnosis>): string =>
  outcomeSentence({
    traces: 1,
    spans: 50,
    skippedLines: 0,
    exchangesJudged: 1,
    exchangesOpen: 0,
    notes: [],
    findings: [],
    known: [],
    isPartial: false,
    kept: [],
    leftOut: 0,
    routes: [],
    ...more,
  })

describe("what was read out of a source, in one sentence", () => {
  it("says that no problems were found where exchanges were judged", () => {
    expect(outcome({})).toBe("Read 50 spans of 1 trace: 1 exchange judged, no problems found.")
  })

  it("does not say that no problems were found where no exchange was judged", () => {
    const text = outcome({ exchangesJudged: 0, exchangesOpen: 2 })
    expect(text).toBe("Read 50 spans of 1 trace: no exchange could be judged, 2 open.")
  })

  it("counts the findings of a program that has no exchange", () => {
    const text = outcome({ exchangesJudged: 0, findings })
    expect(text).toBe(
      "Read 50 spans of 1 trace: no exchange could be judged, 1 finding (scope-closed-early).",
    )
  })
})
