import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { signalsReachProcesses, stop } from "../../support/stop.ts"
import { watching } from "./watching.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-watch-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const serveEvents = ["--", process.execPath, "bin/scopeline.js", "serve", "--port", "0"]

/** Watches the broken server until it is stopped, and something was found in it. */
const watched = (words: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const watch = yield* watching(["--fail", ...words, ...serveEvents])
      const server = yield* watch.written(/Listening on (http:[^\s,]+)/)
      yield* Effect.promise(async (signal) => (await fetch(`${server}/event`, { signal })).text())
      const finding = yield* watch.finding(({ rule }) => rule === "scope-closed-early")
      const { code } = yield* stop(watch, "SIGTERM")
      return { code, finding, stderr: watch.stderr() }
    }),
  )

describe.runIf(signalsReachProcesses)("what watch leaves behind", () => {
  it.live(
    "is Markdown with each kind, and a file of what is known, with which it does not fail",
    () =>
      Effect.gen(function* () {
        const [known, markdown] = [join(folder, "known.json"), join(folder, "found.md")]
        const first = yield* watched(["--known", known, "--write-known", "--markdown", markdown])
        expect(first.code, first.stderr).toBe(0)
        expect(first.stderr).toContain(`scopeline  Known: 1 entry added to ${known}`)
        const text = readFileSync(markdown, "utf8")
        expect(text).toMatch(/^<!-- Written by Scopeline -->\n## Watched: /)
        expect(text).toMatch(/### ✕ scope-closed-early[\s\S]*```text\n── GET \/event /)

        const { known: entries } = JSON.parse(readFileSync(known, "utf8"))
        const gone = { rule: "orphan-fiber", reason: "mended long ago" }
        writeFileSync(known, JSON.stringify({ known: [...entries, gone] }))
        const second = yield* watched(["--known", known])
        expect(second.code, second.stderr).toBe(0)
        expect(second.finding?.known).toMatch(/^known since /)
        expect(second.stderr).toContain(
          "Known, but not found this time: orphan-fiber (mended long ago).",
        )
      }),
  )
})
