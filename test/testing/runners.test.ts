import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runningProgram } from "../support/process.ts"

const runners = fileURLToPath(new URL("runners/", import.meta.url))

/** What a test runner writes, in the format of the Test Anything Protocol; it must fail. */
const written = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
  const runner = yield* runningProgram(process.execPath, words)
  expect(yield* runner.ended).toBe(1)
  return runner.stdout()
})

const onlyTheLeakFails = (output: string) => {
  const [, failed = ""] =
    /not ok \d+ - .*a program that fails by itself([\s\S]*?)\bok \d+ - /.exec(output) ?? []
  expect(failed).toMatch(/(message|error):\W*what the test says itself/)
  expect(output).toMatch(/^\s*not ok \d+ - .*a program that leaks/m)
  expect(output).toMatch(/^\s*ok \d+ - .*a program that is tidy/m)
  expect(output).toMatch(/scope openWorker · open for .*opened in openWorker/s)
}

describe.concurrent("of two guarded tests at once only the one that leaks fails", () => {
  it.live("under node:test", () =>
    Effect.gen(function* () {
      onlyTheLeakFails(yield* written("--test", "--test-reporter", "tap", `${runners}node-test.ts`))
    }),
  )

  it.live("under vitest, which shows the line of the program", () =>
    Effect.gen(function* () {
      const config = ["--config", `${runners}vitest.config.ts`]
      const output = yield* written(
        "node_modules/vitest/vitest.mjs",
        "run",
        ...config,
        "--reporter",
        "tap",
      )
      onlyTheLeakFails(output)
      const lines = readFileSync(`${runners}programs.ts`, "utf8").split("\n")
      const line = lines.findIndex((text) => text.includes('Effect.fn("openWorker")')) + 1
      expect(output).toMatch(new RegExp(`at: ".*/programs\\.ts:${line}:`))
    }),
  )
})
