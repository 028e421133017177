import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Option from "effect/Option"
import { diagnoseSource } from "../../recordings/diagnosis/diagnose-source.ts"
import { compareDiagnoses } from "../../recordings/finding-changes.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { writeReport } from "../flags/report-file.ts"
import { type AnySource, isAddress, type SourceWords, sourceOf } from "../flags/source-argument.ts"
import { stopRequested } from "../stop-requested.ts"
import { jsonText } from "../terminal/json-text.ts"
import { paint } from "../terminal/paint.ts"
import { progressLine } from "../terminal/progress.ts"
import { screenOf } from "../terminal/screen.ts"
import { recordingsJson } from "./recordings-json.ts"
import { recordingsReport } from "./recordings-report.ts"
import { recordingsLines } from "./recordings-text.ts"

/** What a command is told of two recordings. */
export interface RecordingsWords extends Pick<SourceWords, "services" | "lookback"> {
  readonly before: string
  readonly after: string
  readonly report: Option.Option<string>
  readonly json: boolean
}

/** `scopeline compare BEFORE AFTER`: what a change did to what is wrong. */
export const compareRecordings = Effect.fnUntraced(function* (words: RecordingsWords) {
  if (words.before === "-" && words.after === "-") {
    return yield* new UsageError({
      message: "Standard input holds one recording: name a file for the other one.",
    })
  }
  const [before, after] = [wordsOf(words, words.before), wordsOf(words, words.after)]
  const sources = [yield* sourceOf(before), yield* sourceOf(after)] as const
  const stopped = yield* Effect.forkScoped(stopRequested)
  const read = (source: AnySource) => diagnosisOf(source, Fiber.join(stopped))
  const compared = compareDiagnoses(yield* read(sources[0]), yield* read(sources[1]))
  const { width, color } = screenOf(process.stdout, process.env)
  yield* Console.log(
    words.json
      ? jsonText(recordingsJson(compared))
      : paint(recordingsLines(compared, width), color).trimEnd(),
  )
  const written = yield* writeReport(words.report, (environment) =>
    recordingsReport(compared, environment),
  )
  if (!words.json) yield* Effect.forEach(written, (line) => Console.log(line))
  const isPartial = compared.before.isPartial || compared.after.isPartial
  if (compared.changes.new.length > 0 || isPartial) return yield* new Unexpected()
}, Effect.scoped)

/** What is said of Jaeger is for those recordings that are in one. */
const wordsOf = (
  { before, after, services, lookback }: RecordingsWords,
  source: string,
): SourceWords =>
  isAddress(source) || (!isAddress(before) && !isAddress(after))
    ? { source, services, lookback, traces: [] }
    : { source, services: [], lookback: undefined, traces: [] }

const diagnosisOf = (source: AnySource, stop: Effect.Effect<void>) => {
  const progress = progressLine(process.stderr)
  return diagnoseSource(source, {
    keepTraces: true,
    listRoutes: true,
    stop,
    onProgress: progress.show,
  }).pipe(Effect.ensuring(Effect.sync(progress.clear)))
}
