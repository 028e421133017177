import { describe, expect, it } from "vitest"
import { groupFindings } from "../../otel/lifetimes/finding.ts"
import { outcomeSentence } from "../../src/commands/diagnose/text.ts"
import type { SourceDiagnosis } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { matchOf } from "../timeline/exchanges.ts"

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
    isPartial: false,
    kept: [],
    leftOut: 0,
    routes: [],
    ...more,
  })

describe("what was read out of a source, in one sentence", () => {
  it("says that no rule held where exchanges were judged", () => {
    expect(outcome({})).toBe("Read 50 spans of 1 trace: 1 exchange judged, no rule held.")
  })

  it("does not say that no rule held where no exchange was judged", () => {
    const text = outcome({ exchangesJudged: 0, exchangesOpen: 2 })
    expect(text).toBe("Read 50 spans of 1 trace: no exchange could be judged, 2 open.")
  })

  it("counts the findings of a program that has no exchange", () => {
    const text = outcome({ exchangesJudged: 0, findings })
    expect(text).toBe("Read 50 spans of 1 trace: no exchange could be judged, 1 finding.")
  })
})
