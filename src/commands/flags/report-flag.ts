import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { reportMark } from "../../page/report-mark.ts"
import { whyNotWrite } from "./result-file.ts"

/** Refuses, before the work begins, a file that would be refused or regretted after it. */
const refuse = (file: string) =>
  Effect.gen(function* () {
    const expected = yield* whyNotWrite(file, { name: "report", mark: reportMark })
    if (expected === undefined) return
    return yield* new CliError.InvalidValue({
      option: "report",
      value: file,
      expected,
      kind: "flag",
    })
  })

/** The last one counts: `npm start` gives one, and a person may add another. */
export const reportFlag = Flag.String("report").pipe(
  Flag.withDescription("Write an HTML report to this file"),
  Flag.withMetavar("FILE"),
  Flag.atLeast(0),
  Flag.map((files) => Option.fromUndefinedOr(files.at(-1))),
  Flag.mapEffect((file) => Effect.as(Effect.forEach(Option.toArray(file), refuse), file)),
)
