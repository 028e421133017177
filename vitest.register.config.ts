import { defineConfig } from "vitest/config"
import { registered } from "./vitest.config.ts"

/** What is seen of programs that nobody has changed, and what the Layer and the guard do beside that. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    // Programs in processes of their own, judged by the clock: one for each core of a small machine.
    maxConcurrency: 2,
    hookTimeout: 60_000,
    provide: { scenarioRuns: 1, healthyRuns: 20 },
    projects: [
      { extends: true, test: { name: "programs", include: registered } },
      {
        extends: true,
        test: {
          name: "the Layer beside it",
          include: [
            "test/automatic/**/*.test.ts",
            "test/instrument/**/*.test.ts",
            "test/testing/**/*.test.ts",
          ],
          // There is nothing to warn of: what the Layer does not see is seen.
          exclude: ["test/automatic/order-of-layers.test.ts"],
          execArgv: ["--import=./otel/register.js"],
          env: { OTEL_TRACES_EXPORTER: "none" },
        },
      },
    ],
  },
})
