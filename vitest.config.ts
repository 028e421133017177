import { configDefaults, defineConfig } from "vitest/config"

/** What needs released programs from npm is run by `npm run test:opencode`. */
export default defineConfig({
  test: { exclude: [...configDefaults.exclude, "test/opencode/**"] },
})
