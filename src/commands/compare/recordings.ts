import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { diagnoseSource, type SourceSettings } from "../../recordings/diagnosis/diagnose-source.ts"
import { compareDiagnoses } from "../../recordings/finding-changes.ts"
import { withKnown, withKnownAndMissing } from "../../recordings/known-diagnosis.ts"
import { annotate } from "../annotations.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { Heap } from "../heap.ts"
import { knownFindings, writeKnownFindings } from "../known-file.ts"
import { giveResults } from "../results.ts"
import { type AnySource, isAddress, type SourceWords, sourceOf } from "../source.ts"
import { stopRequested } from "../stop.ts"
import { progressLine } from "../terminal/progress.ts"
import type { CompareWords } from "./flags.ts"
import { recordingsJson } from "./recordings-json.ts"
import { recordingsLines, recordingsVerdictLines } from "./recordings-text.ts"

/** The words of `compare` that are about two recordings. */
export interface RecordingsWords
  extends Pick<
    CompareWords,
    | "services"
    | "lookback"
    | "streamRoutes"
    | "grace"
    | "report"
    | "markdown"
    | "json"
    | "known"
    | "writeKnown"
  > {
  readonly before: string
  readonly after: string
}

/** `scopeline compare BEFORE AFTER`: what a change did to what is wrong. */
export const compareRecordings = Effect.fnUntraced(function* (words: RecordingsWords) {
  if (words.before === "-" && words.after === "-") {
    return yield* new UsageError({
      message: "Standard input holds one recording: name a file for the other one.",
    })
  }
  const heap = yield* Heap
  heap.keepModest()
  const [before, after] = [wordsOf(words, words.before), wordsOf(words, words.after)]
  const sources = [yield* sourceOf(before), yield* sourceOf(after)] as const
  const stop = yield* stopRequested
  const known = yield* knownFindings(words)
  const settings = { streamRoutes: words.streamRoutes, grace: words.grace * 1000, stop }
  const earliest = yield* diagnosisOf(sources[0], settings)
  const latest = yield* diagnosisOf(sources[1], settings)
  const all = yield* writeKnownFindings(
    words,
    known,
    latest.findings.map(({ finding }) => finding),
  )
  const compared = compareDiagnoses(withKnown(earliest, all), withKnownAndMissing(latest, all))
  const { before: earlier, after: later, changes } = compared
  yield* giveResults(words, {
    json: () => recordingsJson(compared),
    lines: (width) => recordingsLines(compared, width),
    verdict: (width) => recordingsVerdictLines(compared, width),
    report: async (environment) => {
      const { recordingsReport } = await import("./recordings-report.ts")
      return recordingsReport(compared, environment)
    },
    exchanges: () =>
      [...later.findings, ...earlier.findings].flatMap(({ example }) => example ?? []),
  })
  yield* annotate(changes.new.map(({ found }) => found.finding))
  const isPartial = earlier.isPartial || later.isPartial
  if (changes.new.length > 0 || isPartial) return yield* new Unexpected()
}, Effect.scoped)

/** Flags about Jaeger apply to those recordings that are in Jaeger. */
const wordsOf = (
  { before, after, services, lookback }: RecordingsWords,
  source: string,
): SourceWords =>
  isAddress(source) || (!isAddress(before) && !isAddress(after))
    ? { source, services, lookback: Option.getOrUndefined(lookback), traces: [] }
    : { source, services: [], lookback: undefined, traces: [] }

const diagnosisOf = (source: AnySource, settings: SourceSettings) =>
  Effect.scoped(
    Effect.flatMap(progressLine, (onProgress) =>
      diagnoseSource(source, { ...settings, keepTraces: true, listRoutes: true, onProgress }),
    ),
  )
