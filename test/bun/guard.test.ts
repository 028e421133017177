import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { isInstalled, programOf } from "../released/release.ts"
import { runningProgram } from "../support/process.ts"
import { aware } from "./releases.ts"

describe.skipIf(!isInstalled(aware))("of two guarded tests at once under bun test", () => {
  it.live("only the one that leaks fails", () =>
    Effect.gen(function* () {
      const words = ["test", "./test/testing/runners/bun-test.ts"]
      const bun = yield* runningProgram(programOf(aware), words, {
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
      })
      expect(yield* bun.ended).toBe(1)
      expect(bun.output()).toMatch(/\(fail\) a program that leaks/)
      expect(bun.output()).toMatch(/\(pass\) a program that is tidy/)
      expect(bun.output()).toMatch(/scope openWorker · open for .*opened in openWorker/s)
    }),
  )
})
