import { defineConfig } from "vitest/config"
import { loaded } from "./vitest.config.ts"

/** What thousands of clients at once, and collectors that cannot keep up, do to a program. */
export default defineConfig({
  test: {
    include: loaded,
    // Each has the machine for itself.
    fileParallelism: false,
    testTimeout: 300_000,
  },
})
