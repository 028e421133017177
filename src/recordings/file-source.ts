import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { printable } from "../../otel/timeline/printable.ts"
import { piecesOfFile } from "./file-pieces.ts"
import { spansOfText } from "./formats/spans-of-text.ts"
import { type SpanSource, UnreadableSource } from "./source.ts"

type FileSource = SpanSource<UnreadableSource, FileSystem.FileSystem>

/** A file of OTLP JSON, or of what Jaeger's UI downloads. */
export const fileSource = Effect.fnUntraced(function* (
  path: string,
): Effect.fn.Return<FileSource, UnreadableSource, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const name = printable(path)
  const info = yield* files.stat(path).pipe(Effect.mapError(cannotRead(name)))
  if (info.type === "Directory") return yield* isFolder(name)
  const repeatable = info.type === "File"
  const size = repeatable ? Number(info.size) : undefined
  // What is appended meanwhile is not read: every pass over the file sees the same.
  const bytes = piecesOfFile(path, size)
  return {
    name,
    size,
    repeatable,
    read: (log) => spansOfText(name, Stream.mapError(bytes, cannotRead(name)), log),
  }
})

type InputSource = SpanSource<UnreadableSource, Stdio.Stdio>

/** The same from standard input, which cannot be read twice. */
export const inputSource: InputSource = {
  name: "standard input",
  size: undefined,
  repeatable: false,
  read: (log) => {
    const stdin = Stream.unwrap(Effect.map(Stdio.Stdio, ({ stdin }) => stdin))
    // The next piece is on its way while one is parsed.
    const bytes = Stream.buffer(stdin, { capacity: 2 })
    return spansOfText("standard input", Stream.mapError(bytes, cannotRead("standard input")), log)
  },
}

const isFolder = (name: string) =>
  new UnreadableSource({ message: `${name} is a folder: name a file in it.` })

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
