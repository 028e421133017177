import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { diagnoseSource } from "../../recordings/diagnosis/diagnose-source.ts"
import { withKnownAndMissing } from "../../recordings/known-diagnosis.ts"
import { annotate } from "../annotations.ts"
import { Unexpected } from "../failure.ts"
import { Heap } from "../heap.ts"
import { knownFindings, writeKnownFindings } from "../known-file.ts"
import { refuseTwoDocuments } from "../markdown-file.ts"
import { giveResults } from "../results.ts"
import { sourcesOf } from "../source.ts"
import { stopRequested } from "../stop.ts"
import { progressLine } from "../terminal/progress.ts"
import type { DiagnoseWords } from "./flags.ts"
import { diagnosisJson } from "./json.ts"
import { diagnosisLines, outcomeSentence } from "./text.ts"

/** `scopeline diagnose`: what is wrong in a recording, or in what Jaeger has. */
export const diagnose = Effect.fnUntraced(function* (words: DiagnoseWords) {
  const { grace, requireJudged, report, markdown, streamRoutes } = words
  yield* refuseTwoDocuments(words)
  const heap = yield* Heap
  heap.keepModest()
  const source = yield* sourcesOf({ ...words, lookback: Option.getOrUndefined(words.lookback) })
  const known = yield* knownFindings(words)
  const judged = yield* Effect.scoped(
    Effect.gen(function* () {
      return yield* diagnoseSource(source, {
        grace: grace * 1000,
        streamRoutes,
        keepTraces: Option.isSome(report) || Option.isSome(markdown),
        stop: yield* stopRequested,
        onProgress: yield* progressLine,
      })
    }),
  )
  const all = yield* writeKnownFindings(
    words,
    known,
    judged.findings.map(({ finding }) => finding),
  )
  const diagnosis = withKnownAndMissing(judged, all)
  yield* giveResults(words, {
    json: () => diagnosisJson(diagnosis),
    lines: (width) => diagnosisLines(diagnosis, width),
    verdict: (width) => paragraph(outcomeSentence(diagnosis), 0, width, "plain"),
    report: async (environment) => {
      const { diagnosisReport } = await import("./report.ts")
      return diagnosisReport(diagnosis, source.name, environment)
    },
    exchanges: () => diagnosis.findings.flatMap(({ example }) => example ?? []),
  })
  yield* annotate(diagnosis.findings.map(({ finding }) => finding))
  const unjudged = requireJudged && diagnosis.exchangesJudged === 0
  if (diagnosis.findings.length > 0 || diagnosis.isPartial || unjudged) {
    return yield* new Unexpected()
  }
})
