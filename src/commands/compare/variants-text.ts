import { differencesOf } from "../../../otel/timeline/difference.ts"
import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import type { Line } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { drawLines } from "../../../otel/timeline/text.ts"
import type { ComparedVariant } from "../../comparison/comparison.ts"
import { variantsPanels } from "./variants-panels.ts"
import { verdictSentence } from "./verdict.ts"

/** The variants of the stream but for the verdict, for people, in lines of at most `width` columns. */
export const variantsLines = (
  compared: ReadonlyArray<ComparedVariant>,
  width: number,
): ReadonlyArray<Line> => {
  const panels = variantsPanels(compared)
  return [
    ...drawLines(panels, width, { differences: differencesOf(panels), sentences: false }),
    [],
    ...findingLines(
      compared.flatMap(({ diagnosis }) => diagnosis.findings),
      width,
    ),
    [],
  ]
}

/** A sentence about each variant. */
export const variantsVerdictLines = (
  compared: ReadonlyArray<ComparedVariant>,
  expected: boolean,
  width: number,
): ReadonlyArray<Line> => [
  ...compared.flatMap((one) => paragraph(verdictSentence(one), 0, width, "plain")),
  ...(expected ? [] : paragraph(unexpected, 0, width, "plain")),
]

const unexpected = "This is not what the comparison is there to show; run it again."
