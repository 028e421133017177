import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"

/** What begins every file of a kind that commands write. */
interface ResultKind {
  /** As in `is no report of Scopeline`. */
  readonly name: string
  readonly mark: string
}

/**
 * Why a result should not be written there; `undefined` if it may be. What somebody wrote cannot be made again:
 * only results of this kind and empty files are ever replaced.
 */
export const whyNotWrite = Effect.fnUntraced(
  function* (file: string, { name, mark }: ResultKind) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (!(yield* files.exists(path.dirname(file)))) return "there is no such folder"
    const there = yield* files.stat(file)
    if (there.type === "Directory") return "is a folder: a file is expected"
    if (there.type !== "File" || there.size === 0n) return undefined
    const begin = yield* files
      .stream(file, { bytesToRead: mark.length })
      .pipe(Stream.decodeText(), Stream.mkString)
    return begin === mark
      ? undefined
      : `is there already and is no ${name} of Scopeline: choose another name`
  },
  Effect.orElseSucceed(() => undefined),
)
