import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"
import { environmentOf } from "../../page/environment.ts"
import { reportDocument } from "../../page/html/document.ts"
import type { Environment, Report } from "../../page/report.ts"
import { UsageError } from "../failure.ts"

/** A recording cannot be made again: only a page is ever replaced. */
const whyNot = Effect.fnUntraced(
  function* (file: string) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (!(yield* files.exists(path.dirname(file)))) return "there is no such folder"
    const there = yield* files.stat(file)
    if (there.type === "Directory") return "is a folder: a file is expected"
    if (there.type !== "File" || there.size === 0n) return undefined
    const begin = yield* files
      .stream(file, { bytesToRead: beginOfPage.length })
      .pipe(Stream.decodeText(), Stream.mkString)
    return begin.toLowerCase() === beginOfPage
      ? undefined
      : "is there already and is no report: choose another name"
  },
  Effect.orElseSucceed(() => undefined),
)

const beginOfPage = "<!doctype html>"

/** Refuses before the work begins what would be refused, or regretted, after it. */
const refuse = (file: string) =>
  Effect.gen(function* () {
    const expected = yield* whyNot(file)
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
