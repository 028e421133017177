import { configDefaults, defineConfig } from "vitest/config"

/** What needs released programs from npm is run by `npm run test:opencode`. */
export const released = ["test/opencode/**/*.test.ts", "test/bun/**/*.test.ts"]

export default defineConfig({
  test: {
    // Against tests that hang, and not against machines that are slow.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    exclude: [...configDefaults.exclude, ...released],
  },
})
