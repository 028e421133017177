import { execFileSync } from "node:child_process"
import {
  closeSync,
  constants,
  createWriteStream,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { broken, fixed, renamed } from "../../lifetimes/spans.ts"
import { linesOf } from "../../recordings/recording.ts"
import { runCommand, scopeline } from "../../support/command.ts"
import { eventually } from "../../support/eventually.ts"
import { runningProgram } from "../../support/process.ts"

const isPosix = process.platform !== "win32"

if (!isPosix) console.info("skipped: FIFOs, because Windows has none")

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "pipe-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true })),
)

const fifo = Effect.map(folder, (path) => {
  const file = join(path, "fifo")
  execFileSync("mkfifo", [file])
  return file
})

/** Who opens a FIFO for writing, without waiting, fails while nobody reads it. */
const openWriter = (path: string): number | undefined => {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}

/** More than a pipe holds at once. */
const recording = linesOf(broken, ...Array.from({ length: 500 }, (_, n) => renamed(fixed, n)))

const read = { traces: 501, findings: [{ rule: "scope-closed-early" }] }

describe.skipIf(!isPosix)("scopeline diagnose of a pipe", () => {
  it.live("reads a FIFO to its end, whoever comes first", () =>
    Effect.gen(function* () {
      const path = yield* fifo
      const command = yield* scopeline(["diagnose", path, "--json"])
      createWriteStream(path).end(recording)
      expect(yield* command.ended).toBe(1)
      expect(JSON.parse(command.stdout())).toMatchObject(read)
    }),
  )

  it.live("ends when it is interrupted while nothing is written", () =>
    Effect.gen(function* () {
      const path = yield* fifo
      const command = yield* runningProgram(process.execPath, [
        "bin/scopeline.js",
        "diagnose",
        path,
      ])
      const writer = yield* eventually(
        Effect.sync(() => openWriter(path)),
        (opened) => opened !== undefined,
        "20 seconds",
      )
      command.signal("SIGINT")
      expect(yield* command.ended).toBe(1)
      expect(command.stdout()).toContain("Reading was stopped before the end")
      if (writer !== undefined) closeSync(writer)
    }),
  )

  it.live("reads /dev/stdin as it reads -", () =>
    Effect.gen(function* () {
      const stdin = new PassThrough()
      stdin.end(recording)
      const { code, stdout } = yield* Effect.promise(() =>
        runCommand(["diagnose", "/dev/stdin", "--json"], { stdin }),
      )
      expect(code).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject(read)
    }),
  )

  it.live("reads a process substitution", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "recording.jsonl")
      writeFileSync(file, recording)
      const line = `"${process.execPath}" bin/scopeline.js diagnose <(cat "${file}") --json`
      const command = yield* runningProgram("bash", ["-c", line])
      expect(yield* command.ended).toBe(1)
      expect(JSON.parse(command.stdout())).toMatchObject(read)
    }),
  )
})
