import { defineConfig } from "vitest/config"

/** Released versions of OpenCode under the probe. */
export default defineConfig({
  test: {
    include: ["test/opencode/**/*.test.ts"],
    globalSetup: "test/opencode/install.ts",
    testTimeout: 60_000,
  },
})
