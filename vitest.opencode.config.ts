import { defineConfig } from "vitest/config"
import { released } from "./vitest.config.ts"

/** Released programs from npm under the probe: OpenCode, and this project's server on Bun. */
export default defineConfig({
  test: {
    include: released,
    globalSetup: "test/released/install.ts",
    testTimeout: 120_000,
  },
})
