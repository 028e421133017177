import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"
import { DurationText } from "../flags/duration-text.ts"
import { jaegerFlags } from "../flags/jaeger-flags.ts"
import { jsonFlag } from "../flags/json-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"

const Route = Schema.String.check(
  Schema.isPattern(/^([A-Z]+ )?\/\S*$/, {
    message: 'a path such as /event or "GET /event" is expected',
  }),
)

export const diagnoseFlags = {
  source: Argument.String("SOURCE").pipe(
    Argument.withDescription(
      "A file or pipe of OTLP JSON, - for standard input, or the address of Jaeger, or of a page of its UI",
    ),
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
  json: jsonFlag(),
}

export type DiagnoseWords = Command.Command.Config.Infer<typeof diagnoseFlags>
