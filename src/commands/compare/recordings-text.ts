import { counted } from "../../../otel/lifetimes/counted.ts"
import { findingHeading, findingLines, quietHeading } from "../../../otel/timeline/finding-lines.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { Line } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { drawLines } from "../../../otel/timeline/text.ts"
import { mostFindings } from "../../page/report.ts"
import type { ComparedRecordings, FindingChange } from "../../recordings/finding-changes.ts"
import { knownLines, moreFindings, outcomeSentence } from "../diagnose/text.ts"
import { pairwiseDifferences, recordingsPairs } from "./recordings-panels.ts"

/** Two recordings and what became of the findings, but for the verdict, for people, in lines of at most `width` columns. */
export const recordingsLines = (
  compared: ComparedRecordings,
  width: number,
): ReadonlyArray<Line> => {
  const { before, after, changes } = compared
  const pairs = recordingsPairs(compared)
  const panels = pairs.flat()
  return [
    ...(panels.length === 0
      ? []
      : [
          ...drawLines(panels, width, {
            differences: pairwiseDifferences(pairs),
            sentences: false,
          }),
          [],
        ]),
    ...group("New in AFTER", changes.new, (it) => atLength(it, width), width),
    ...group("Still there", changes.stillThere, (it) => withMessage(it, width), width),
    ...group("Gone", changes.gone, (it) => asGone(it, width), width),
    ...group("Not judged in AFTER", changes.notJudged, (it) => withMessage(it, width), width),
    ...knownLines(after.known, width),
    ...noteLines("BEFORE", before.notes, width),
    ...noteLines("AFTER", after.notes, width),
  ]
}

/** What came of each recording, and what is to be concluded. */
export const recordingsVerdictLines = (
  compared: ComparedRecordings,
  width: number,
): ReadonlyArray<Line> => [
  ...paragraph(`BEFORE: ${outcomeSentence(compared.before)}`, 0, width, "plain"),
  ...paragraph(`AFTER: ${outcomeSentence(compared.after)}`, 0, width, "plain"),
  ...paragraph(recordingsVerdict(compared), 0, width, "title"),
]

/** What is to be concluded, in one sentence. */
export const recordingsVerdict = ({ before, after, changes }: ComparedRecordings): string => {
  const { gone, stillThere, notJudged } = changes
  const others = [
    ...(gone.length === 0 ? [] : [`${gone.length} gone`]),
    ...(stillThere.length === 0 ? [] : [`${stillThere.length} still there`]),
    ...(notJudged.length === 0
      ? []
      : [`${notJudged.length} not judged in AFTER, where it may still be there`]),
    ...(after.exchangesJudged === 0 && notJudged.length === 0
      ? ["no exchange of AFTER could be judged"]
      : []),
  ].join(", ")
  const fresh =
    changes.new.length === 0 ? "No new finding" : counted(changes.new.length, "new finding")
  const stopped = before.isPartial || after.isPartial ? ", as far as was read" : ""
  return `${fresh}${stopped}${others === "" ? "" : `; ${others}`}.`
}

const group = (
  heading: string,
  differing: ReadonlyArray<FindingChange>,
  linesOf: (one: FindingChange) => ReadonlyArray<Line>,
  width: number,
): ReadonlyArray<Line> => {
  if (differing.length === 0) return []
  const more = differing.length - mostFindings
  return [
    ...paragraph(`${heading} (${differing.length})`, 0, width, "title"),
    ...differing.slice(0, mostFindings).flatMap(linesOf),
    ...(more > 0 ? moreFindings(more, width) : []),
    [],
  ]
}

const asGone = ({ found, note }: FindingChange, width: number): ReadonlyArray<Line> => [
  ...quietHeading(found.finding, ["✓", "gone"], width),
  ...paragraph(printable(found.finding.message), 2, width, "plain"),
  ...about(note, width),
]

const withMessage = ({ found, note }: FindingChange, width: number): ReadonlyArray<Line> => [
  ...findingHeading(found.finding, width),
  ...paragraph(printable(found.finding.message), 2, width, "plain"),
  ...about(note, width),
]

const atLength = ({ found, note }: FindingChange, width: number): ReadonlyArray<Line> => [
  ...findingLines([found.finding], width),
  ...(note === undefined ? [] : [[]]),
  ...about(note, width),
]

const about = (note: string | undefined, width: number): ReadonlyArray<Line> =>
  note === undefined ? [] : paragraph(printable(note), 2, width, "plain")

const noteLines = (
  name: string,
  notes: ReadonlyArray<string>,
  width: number,
): ReadonlyArray<Line> =>
  notes.flatMap((note) => paragraph(`Note on ${name}: ${printable(note)}`, 0, width, "muted"))
