import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { openLineFile } from "../../src/collector/line-file.ts"
import { reasonOf } from "../../src/collector/recorder.ts"
import { canMount, smallDisk } from "../support/small-disk.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const linesOf = (file: string) => readFileSync(file, "utf8").split("\n")

const KiB = 1024

describe("a file of lines", () => {
  it.effect.skipIf(!canMount)(
    "says that the disk is full, keeps no half line, and goes on when there is room",
    () =>
      Effect.gen(function* () {
        const disk = yield* smallDisk(128)
        const path = join(disk, "spans.jsonl")
        const file = yield* openLineFile(path)
        const ballast = join(disk, "ballast")
        writeFileSync(ballast, "x".repeat(80 * KiB))
        yield* file.append("first")
        const error = yield* Effect.flip(file.append("y".repeat(100 * KiB)))
        expect(reasonOf(error)).toBe("no space left on device")
        expect(linesOf(path)).toEqual(["first", ""])
        rmSync(ballast)
        yield* file.append("second")
        expect(linesOf(path)).toEqual(["first", "second", ""])
      }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )

  it.effect("that was moved away is opened again under its name", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "spans.jsonl")
      const file = yield* openLineFile(path)
      yield* file.append("first")
      renameSync(path, `${path}.1`)
      yield* file.append("second")
      yield* file.append("third")
      expect(linesOf(`${path}.1`)).toEqual(["first", ""])
      expect(linesOf(path)).toEqual(["second", "third", ""])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )

  it.effect("that was moved away and made anew by somebody else is appended to", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "spans.jsonl")
      const file = yield* openLineFile(path)
      yield* file.append("first")
      renameSync(path, `${path}.1`)
      writeFileSync(path, "theirs\n")
      yield* file.append("second")
      expect(linesOf(path)).toEqual(["theirs", "second", ""])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )

  it.effect("whose folder is gone fails, and goes on when that is there again", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const inner = join(yield* folder, "inner")
      const path = join(inner, "spans.jsonl")
      yield* files.makeDirectory(inner)
      const file = yield* openLineFile(path)
      rmSync(inner, { recursive: true })
      expect(reasonOf(yield* Effect.flip(file.append("first")))).toBe("no such file or directory")
      yield* files.makeDirectory(inner)
      yield* file.append("second")
      expect(linesOf(path)).toEqual(["second", ""])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )

  it.effect("that ends within a line gets its next one on a line of its own", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "spans.jsonl")
      writeFileSync(path, '{"resourceSp')
      const file = yield* openLineFile(path)
      yield* file.append("first")
      yield* file.append("second")
      expect(linesOf(path)).toEqual(['{"resourceSp', "first", "second", ""])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )

  it.effect("may be what is no regular file", () =>
    Effect.gen(function* () {
      const file = yield* openLineFile("/dev/null")
      yield* file.append("first")
      yield* file.append("second")
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)),
  )
})
