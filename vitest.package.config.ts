import { defineConfig } from "vitest/config"
import { packaged } from "./vitest.config.ts"

/** The package as npm packs it, installed into a project of its own. */
export default defineConfig({
  test: { include: packaged, testTimeout: 300_000, hookTimeout: 300_000 },
})
