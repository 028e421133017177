import { defineConfig } from "vitest/config"
import { isShort } from "./test/load/load-size.ts"
import { ReliabilityReporter } from "./test/load/reliability-reporter.ts"
import { loaded } from "./vitest.config.ts"

/**
 * What thousands of clients at once, clients that leave in every way, collectors that do everything wrong and broken
 * recordings do to a program. `LOAD=short` takes a minute instead of ten.
 */
export default defineConfig({
  test: {
    include: loaded,
    // What is measured in full has the machine for itself.
    fileParallelism: isShort,
    maxWorkers: 2,
    testTimeout: 300_000,
    reporters: ["default", new ReliabilityReporter()],
  },
})
