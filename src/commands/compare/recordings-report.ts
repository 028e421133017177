import type { Environment, FindingGroup, Report } from "../../page/report.ts"
import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import type { ComparedRecordings, FindingChange } from "../../recordings/finding-changes.ts"
import { knownGroup, runOf, shownSentence } from "../diagnose/report.ts"
import { outcomeSentence } from "../diagnose/text.ts"
import { recordingsPairs } from "./recordings-panels.ts"
import { recordingsVerdict } from "./recordings-text.ts"

/** Two recordings beside each other, and what became of the findings. */
export const recordingsReport = (
  compared: ComparedRecordings,
  environment: Environment,
): Report => {
  const { before, after, changes } = compared
  const pairs = recordingsPairs(compared)
  return {
    title: "Before and after a change",
    outcome: {
      kind: changes.new.length > 0 ? "error" : outcomeOfNone(compared),
      text: recordingsVerdict(compared),
    },
    verdict: [`Before: ${outcomeSentence(before)}`, `After: ${outcomeSentence(after)}`],
    shown: [`Before: ${shownSentence(before)}`, `After: ${shownSentence(after)}`],
    timelines: pairs.map((panels) => ({ heading: undefined, panels, compared: true })),
    findings: [
      groupOf("New in after", "new", changes.new),
      groupOf("Still there", "still there", changes.stillThere),
      groupOf("Not judged in after", "not judged yet", changes.notJudged),
      groupOf("Gone", "gone", changes.gone),
      knownGroup(after.known),
    ],
    notes: [...notesOf("Before", before), ...notesOf("After", after)],
    runs: [
      { ...runOf(before), name: "before" },
      { ...runOf(after), name: "after" },
    ],
    environment,
  }
}

/** "No new finding" is good news only if everything that was found before could be judged again. */
const outcomeOfNone = ({ before, after, changes }: ComparedRecordings) => {
  const { notJudged, stillThere } = changes
  const isUnread = before.isPartial || after.isPartial || after.exchangesJudged === 0
  if (notJudged.length > 0 || isUnread) return "unknown"
  return stillThere.length > 0 ? "warning" : "good"
}

const groupOf = (
  heading: string,
  state: NonNullable<FindingGroup["state"]>,
  differing: ReadonlyArray<FindingChange>,
): FindingGroup => ({
  heading,
  state,
  findings: differing.map(({ found: { finding }, note }) => ({ finding, note })),
})

const notesOf = (name: string, diagnosis: SourceDiagnosis): ReadonlyArray<string> =>
  diagnosis.notes.map((note) => `${name}: ${note}`)
