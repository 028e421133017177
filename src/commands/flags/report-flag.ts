import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import { reportMark } from "../../page/html/report-mark.ts"

/** What somebody wrote cannot be made again: only a report and an empty file are ever replaced. */
const whyNot = Effect.fnUntraced(
  function* (file: string) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (!(yield* files.exists(path.dirname(file)))) return "there is no such folder"
    const there = yield* files.stat(file)
    if (there.type === "Directory") return "is a folder: a file is expected"
    if (there.type !== "File" || there.size === 0n) return undefined
    const begin = yield* files
      .stream(file, { bytesToRead: reportMark.length })
      .pipe(Stream.decodeText(), Stream.mkString)
    return begin === reportMark
      ? undefined
      : "is there already and is no report of Scopeline: choose another name"
  },
  Effect.orElseSucceed(() => undefined),
)

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
