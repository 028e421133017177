import { defineConfig } from "vitest/config"
import { random } from "./vitest.config.ts"

/**
 * Random programs of which the truth is known: `TRUTH_RUNS` says how many, `TRUTH_SEED` from which on, and
 * `TRUTH_PLAN` is one that was printed.
 */
export default defineConfig({
  test: {
    include: random,
    testTimeout: 3_600_000,
    // Programs that stop with fibers of their own still running say so.
    onConsoleLog: (log) => !log.includes("had been shut down, and is lost"),
  },
})
