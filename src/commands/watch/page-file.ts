import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { frozenPage } from "../../page/document.ts"
import { frozenOf } from "../../watch/frozen.ts"
import type { WatchedProgram } from "../../watch/watched-program.ts"
import { UsageError } from "../failure.ts"

interface FileWords {
  readonly report: Option.Option<string>
  readonly json: boolean
}

/** Writes the page as it is now to the file of `--report`, and says so. */
export const writePage = Effect.fnUntraced(function* (
  { report, json }: FileWords,
  program: WatchedProgram["Service"],
) {
  if (Option.isNone(report)) return
  const files = yield* FileSystem.FileSystem
  const frozen = yield* frozenOf(program)
  const page = yield* Effect.promise(() => frozenPage(frozen))
  yield* files.writeFileString(report.value, page).pipe(
    Effect.mapError(({ reason: { cause, _tag } }) => {
      const why = cause instanceof Error ? cause.message : _tag
      return new UsageError({ message: `--report: ${report.value} cannot be written: ${why}` })
    }),
  )
  if (!json) yield* Console.error(`scopeline  saved: ${report.value}`)
})
