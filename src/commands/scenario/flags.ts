import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { jsonFlag } from "../flags/json-flag.ts"
import { markdownFlag } from "../flags/markdown-flag.ts"
import { reportFlag } from "../flags/report-flag.ts"

export const listFlags = { json: jsonFlag() }

export type ListWords = Command.Command.Config.Infer<typeof listFlags>

export const runFlags = {
  name: Argument.String("NAME").pipe(
    Argument.withDescription("Name of a scenario, as scenario list prints it"),
  ),
  fixed: Flag.Boolean("fixed").pipe(
    Flag.withDescription("Run the program without its bug"),
    Flag.withDefault(false),
  ),
  report: reportFlag,
  markdown: markdownFlag,
  json: jsonFlag(),
}

export type RunWords = Command.Command.Config.Infer<typeof runFlags>
