import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { diagnoseSource, type SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import { Unexpected } from "../failure.ts"
import { DurationText } from "../flags/duration-text.ts"
import { jaegerFlags } from "../flags/jaeger-flags.ts"
import { reportFlag, writeReport } from "../flags/report-file.ts"
import { sourceOf } from "../flags/source-argument.ts"
import { stopRequested } from "../stop-requested.ts"
import { jsonText } from "../terminal/json-text.ts"
import { paint } from "../terminal/paint.ts"
import { progressLine } from "../terminal/progress.ts"
import { screenOf } from "../terminal/screen.ts"
import { diagnosisJson } from "./json.ts"
import { diagnosisReport } from "./report.ts"
import { diagnosisLines } from "./text.ts"

const Route = Schema.String.check(
  Schema.isPattern(/^([A-Z]+ )?\/\S*$/, {
    message: 'a path such as /event or "GET /event" is expected',
  }),
)

const parameters = {
  source: Argument.String("SOURCE").pipe(
    Argument.withDescription("A file of OTLP JSON, - for standard input, or Jaeger's address"),
  ),
  ...jaegerFlags,
  traces: Flag.String("trace").pipe(
    Flag.withDescription("Read this trace from Jaeger"),
    Flag.withMetavar("ID"),
    Flag.atLeast(0),
  ),
  streamRoutes: Flag.String("stream-route").pipe(
    Flag.withDescription(
      'Event streams that do not say their content type: /event or "GET /event"',
    ),
    Flag.withSchema(Route),
    Flag.withMetavar("ROUTE"),
    Flag.atLeast(0),
  ),
  grace: Flag.String("grace").pipe(
    Flag.withDescription("How long a lifetime may outlive its exchange, 1s by default"),
    Flag.withSchema(DurationText),
    Flag.withDefault(1000),
  ),
  requireJudged: Flag.Boolean("require-judged").pipe(
    Flag.withDescription("Exit with 1 where no exchange could be judged"),
    Flag.withDefault(false),
  ),
  report: reportFlag,
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON document"),
    Flag.withDefault(false),
  ),
}

/** `scopeline diagnose`: what is wrong in a recording, or in what Jaeger has. */
export const diagnose = Command.make(
  "diagnose",
  parameters,
  Effect.fnUntraced(function* ({ grace, requireJudged, report, json, streamRoutes, ...words }) {
    const lookback = Option.getOrUndefined(words.lookback)
    const source = yield* sourceOf({ ...words, lookback })
    const progress = progressLine(process.stderr)
    const diagnosis = yield* diagnoseSource(source, {
      grace: grace * 1000,
      streamRoutes,
      keepTraces: Option.isSome(report),
      stop: stopRequested,
      onProgress: progress.show,
    }).pipe(Effect.ensuring(Effect.sync(progress.clear)))
    yield* Console.log(json ? jsonText(diagnosisJson(diagnosis)) : toText(diagnosis))
    const written = yield* writeReport(report, (environment) =>
      diagnosisReport(diagnosis, source.name, environment),
    )
    if (!json) yield* Effect.forEach(written, (line) => Console.log(line))
    const unjudged = requireJudged && diagnosis.exchangesJudged === 0
    if (diagnosis.findings.length > 0 || diagnosis.isPartial || unjudged) {
      return yield* new Unexpected()
    }
  }, Effect.provide(FetchHttpClient.layer)),
).pipe(Command.withDescription("Find what is wrong in recorded traces, from a file or from Jaeger"))

const toText = (diagnosis: SourceDiagnosis): string => {
  const { width, color } = screenOf(process.stdout, process.env)
  return paint(diagnosisLines(diagnosis, width), color).trimEnd()
}
