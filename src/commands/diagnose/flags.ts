import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { graceFlag } from "../flags/grace-flag.ts"
import { jaegerFlags } from "../flags/jaeger-flags.ts"
import { jsonFlag } from "../flags/json-flag.ts"
import { knownFlags } from "../flags/known-flags.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"
import { streamRoutesFlag } from "../flags/stream-routes-flag.ts"

export const diagnoseFlags = {
  sources: Argument.String("SOURCE").pipe(
    Argument.withDescription(
      "A file, pipe or folder of OTLP JSON, - for standard input, or the address of Jaeger or of a page of its UI; several are read as one recording",
    ),
    Argument.atLeast(1),
  ),
  ...jaegerFlags,
  traces: Flag.String("trace").pipe(
    Flag.withDescription("Read this trace from Jaeger"),
    Flag.withMetavar("ID"),
    Flag.atLeast(0),
  ),
  streamRoutes: streamRoutesFlag,
  grace: graceFlag,
  requireJudged: Flag.Boolean("require-judged").pipe(
    Flag.withDescription("Exit with 1 if no exchange could be judged"),
    Flag.withDefault(false),
  ),
  ...knownFlags,
  report: reportFlag,
  markdown: markdownFlag,
  json: jsonFlag(),
}

export type DiagnoseWords = Command.Command.Config.Infer<typeof diagnoseFlags>
