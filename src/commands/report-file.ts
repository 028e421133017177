import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import type { Environment, Report } from "../page/report.ts"
import { UsageError } from "./failure.ts"
import { reasonText } from "./reason-text.ts"

/** What a command was asked to write and to print. */
export interface ReportWords {
  readonly report: Option.Option<string>
  readonly json: boolean
}

/**
 * Writes the report if one is wanted, and says so unless the output is only a JSON document. Fails with a
 * `UsageError` if the file cannot be written. The code that makes a page is loaded only then.
 */
export const writeReport = Effect.fnUntraced(function* (
  { report: file, json }: ReportWords,
  make: (environment: Environment) => Promise<Report>,
) {
  if (Option.isNone(file)) return
  const files = yield* FileSystem.FileSystem
  const { args } = yield* Stdio.Stdio
  const words = yield* args
  const page = yield* Effect.promise(async () => {
    const { environmentOf } = await import("../page/environment.ts")
    const { frozenPage } = await import("../page/document.ts")
    const { frozenReport } = await import("../page/frozen-report.ts")
    return frozenPage(frozenReport(await make(environmentOf(process, words))))
  })
  yield* files.writeFileString(file.value, page).pipe(
    Effect.mapError(
      ({ reason }) =>
        new UsageError({
          message: `--report: ${file.value} cannot be written: ${reasonText(reason)}`,
        }),
    ),
  )
  if (!json) yield* Console.log(`Report: ${file.value}`)
})
