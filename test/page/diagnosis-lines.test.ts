import { describe, expect, it } from "vitest"
import { plainText } from "../../otel/timeline/segment.ts"
import { recordingsLines } from "../../src/commands/compare/recordings-text.ts"
import { diagnosisLines } from "../../src/commands/diagnose/text.ts"
import { compareDiagnoses } from "../../src/recordings/finding-changes.ts"
import { diagnosed, linesOf } from "../recordings/recording.ts"
import { largeTrace } from "./large-trace.ts"

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
