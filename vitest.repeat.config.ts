import { defineConfig } from "vitest/config"
import { lengthy } from "./vitest.config.ts"

/** The scenarios and the healthy programs again and again, and how long they take. */
export default defineConfig({
  test: {
    include: ["test/scenarios/**/*.test.ts", ...lengthy],
    // How long a run takes is measured.
    fileParallelism: false,
    testTimeout: 300_000,
    provide: { scenarioRuns: 20, healthyRuns: 200 },
  },
})
