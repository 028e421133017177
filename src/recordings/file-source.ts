import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { printable } from "../../otel/timeline/printable.ts"
import { piecesOfFile } from "./file-pieces.ts"
import { spansOfText } from "./formats/spans-of-text.ts"
import { bytesOfPipe } from "./pipe.ts"
import { severalSources } from "./several-sources.ts"
import { type SpanSource, UnreadableSource } from "./source.ts"

type FileSource = SpanSource<UnreadableSource, FileSystem.FileSystem>

/** A file of OTLP JSON or of what Jaeger's UI downloads, or a folder of them. A pipe is read once. */
export const fileSource: (
  path: string,
) => Effect.Effect<FileSource, UnreadableSource, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (path: string): Effect.fn.Return<FileSource, UnreadableSource, FileSystem.FileSystem> {
    const files = yield* FileSystem.FileSystem
    const name = printable(path)
    const info = yield* files.stat(path).pipe(Effect.mapError(cannotRead(name)))
    if (info.type === "Directory") return yield* folderSource(path, files)
    if (info.type !== "File") return pipeSource(path, info.type === "FIFO")
    const size = Number(info.size)
    // What is appended while we read is ignored: every pass over the file sees the same.
    const bytes = piecesOfFile(path, size)
    return {
      name,
      size,
      repeatable: true,
      read: (log) => spansOfText(name, Stream.mapError(bytes, cannotRead(name)), log),
    }
  },
)

/** What cannot be read twice. */
const pipeSource = (path: string, isFifo: boolean): SpanSource<UnreadableSource> => {
  const name = printable(path)
  return {
    name,
    size: undefined,
    repeatable: false,
    read: (log) => {
      const bytes = Stream.mapError(
        bytesOfPipe(path, isFifo),
        ({ message }) => new UnreadableSource({ message: `${name} cannot be read: ${message}.` }),
      )
      return spansOfText(name, ahead(bytes), log)
    },
  }
}

/** The next piece is read while one is parsed. */
const ahead = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) =>
  Stream.buffer(bytes, { capacity: 2 })

type InputSource = SpanSource<UnreadableSource, Stdio.Stdio>

/** The same from standard input, which cannot be read twice. */
export const inputSource: InputSource = {
  name: "standard input",
  size: undefined,
  repeatable: false,
  read: (log) => {
    const stdin = Stream.unwrap(Effect.map(Stdio.Stdio, ({ stdin }) => stdin))
    const bytes = Stream.mapError(ahead(stdin), cannotRead("standard input"))
    return spansOfText("standard input", bytes, log)
  },
}

/** The recordings in a folder, by their names, as one. */
const folderSource = Effect.fnUntraced(function* (path: string, files: FileSystem.FileSystem) {
  const name = printable(path)
  const names = yield* files.readDirectory(path).pipe(Effect.mapError(cannotRead(name)))
  const recordings = yield* Effect.filter(
    names.filter((it) => /\.jsonl?$/.test(it)).toSorted(),
    (it) => isFile(join(path, it), files),
  )
  if (recordings.length === 0) {
    return yield* new UnreadableSource({
      message: `${name} is a folder without .json or .jsonl files: name a recording.`,
    })
  }
  return severalSources(yield* Effect.forEach(recordings, (it) => fileSource(join(path, it))))
})

/** Not a folder, which may contain itself, and not a pipe without a writer. */
const isFile = (path: string, files: FileSystem.FileSystem): Effect.Effect<boolean> =>
  files.stat(path).pipe(
    Effect.map(({ type }) => type === "File"),
    Effect.orElseSucceed(() => false),
  )

const cannotRead =
  (name: string) =>
  ({ reason }: PlatformError.PlatformError): UnreadableSource =>
    new UnreadableSource({ message: `${whyNot(name, reason)}.` })

const whyNot = (name: string, reason: PlatformError.PlatformError["reason"]): string => {
  if (reason._tag === "NotFound") {
    const hint = /^[\w.-]+:\d+/.test(name) ? ` (for Jaeger, write http://${name})` : ""
    return `There is no file ${name}${hint}`
  }
  if (reason._tag === "PermissionDenied") return `${name} may not be read`
  const { cause } = reason
  return `${name} cannot be read: ${cause instanceof Error ? cause.message : reason._tag}`
}
