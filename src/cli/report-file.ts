import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import { environmentOf } from "../report/environment.ts"
import { reportDocument } from "../report/html/document.ts"
import type { Environment, Report } from "../report/report.ts"
import { UsageError } from "./failure.ts"

/** The last one counts: `npm start` gives one, and a person may add another. */
export const reportFlag = Flag.String("report").pipe(
  Flag.withDescription("Write an HTML report to this file"),
  Flag.withMetavar("FILE"),
  Flag.atLeast(0),
  Flag.map((files) => Option.fromUndefinedOr(files.at(-1))),
)

/**
 * Writes the report where one is wanted, and gives what is to be said of it. Fails with a `UsageError`
 * where the file cannot be written.
 */
export const writeReport = Effect.fnUntraced(function* (
  file: Option.Option<string>,
  make: (environment: Environment) => Report,
) {
  if (Option.isNone(file)) return []
  const files = yield* FileSystem.FileSystem
  const report = make(environmentOf(process, process.argv.slice(2)))
  yield* files
    .writeFileString(file.value, reportDocument(report))
    .pipe(Effect.mapError(({ reason }) => cannotBeWritten(file.value, reason)))
  return [`Report: ${file.value}`]
})

const cannotBeWritten = (
  file: string,
  reason: PlatformError.PlatformError["reason"],
): UsageError => {
  const why = reason.cause instanceof Error ? reason.cause.message : reason._tag
  return new UsageError({ message: `--report: ${file} cannot be written: ${why}` })
}
