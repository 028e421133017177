import type { ComparedRecordings, FindingChange } from "../../recordings/finding-changes.ts"
import { diagnosisJson } from "../diagnose/json.ts"

/** Two recordings and what became of the findings, as `compare --json` prints it. */
export const recordingsJson = ({ before, after, changes }: ComparedRecordings) => ({
  before: diagnosisJson(before),
  after: diagnosisJson(after),
  difference: {
    gone: changes.gone.map(changeJson),
    new: changes.new.map(changeJson),
    notJudged: changes.notJudged.map(changeJson),
  },
  verdict: changes.new.length === 0 ? "no-new-findings" : "new-findings",
})

/** A finding as everywhere, with a note if there is something to know. */
const changeJson = ({ found: { finding }, note }: FindingChange) =>
  note === undefined ? finding : { ...finding, note }
