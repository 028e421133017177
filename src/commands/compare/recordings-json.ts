import type { ComparedRecordings, FindingChange } from "../../recordings/finding-changes.ts"
import { diagnosisJson } from "../diagnose/json.ts"

/** Two recordings and what became of the findings, as `compare --json` prints it. */
export const recordingsJson = ({ before, after, difference }: ComparedRecordings) => ({
  before: diagnosisJson(before),
  after: diagnosisJson(after),
  difference: {
    gone: difference.gone.map(differing),
    new: difference.new.map(differing),
    notJudged: difference.notJudged.map(differing),
  },
  verdict: difference.new.length === 0 ? "no-new-findings" : "new-findings",
})

/** A finding as everywhere, with a note where there is something to know. */
const differing = ({ found: { finding }, note }: FindingChange) =>
  note === undefined ? finding : { ...finding, note }
