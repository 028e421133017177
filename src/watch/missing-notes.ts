import { counted, plural } from "../../otel/lifetimes/counted.ts"
import type { ExchangeList } from "./exchange-list.ts"

interface Missing extends Pick<ExchangeList["counts"], "letGo" | "foundLetGo" | "openLetGo"> {
  /** Spans that programs lost. */
  readonly lostSpans: number
  /** Findings of kinds that are not listed. */
  readonly unlisted: number
}

/** What is not shown, in sentences. */
export const missingNotes = ({
  lostSpans,
  letGo,
  foundLetGo,
  openLetGo,
  unlisted,
}: Missing): ReadonlyArray<string> => {
  const clean = letGo - foundLetGo
  const note = (count: number, sentence: string) => (count === 0 ? [] : [sentence])
  return [
    ...note(
      lostSpans,
      `The program lost ${counted(lostSpans, "span")}: what they would have told is missing here.`,
    ),
    ...note(
      clean,
      `${counted(clean, "ended exchange")} without a finding ${plural(clean, "is", "are")} not listed any more.`,
    ),
    ...note(
      foundLetGo,
      `Of exchanges with a finding, ${foundLetGo} are not listed: five examples of each kind are.`,
    ),
    ...note(openLetGo, `${openLetGo} open exchanges are not listed: too many were open.`),
    ...note(unlisted, `${unlisted} findings are of kinds that are not listed: there are too many.`),
  ]
}
