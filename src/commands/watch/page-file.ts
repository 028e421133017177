import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { savedPage } from "../../watch/saved-page.ts"
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
  const page = yield* savedPage(program)
  yield* files.writeFileString(report.value, page).pipe(
    Effect.mapError(({ reason: { cause, _tag } }) => {
      const why = cause instanceof Error ? cause.message : _tag
      return new UsageError({ message: `--report: ${report.value} cannot be written: ${why}` })
    }),
  )
  if (!json) yield* Console.error(`scopeline  saved: ${report.value}`)
})
