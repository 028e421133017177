import { tmpdir } from "node:os"
import { join } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"

declare module "vitest" {
  interface ProvidedContext {
    /** How often each variant of each scenario is run. */
    readonly scenarioRuns: number
    /** How many runs of healthy programs there are in all. */
    readonly healthyRuns: number
  }
}

/** What is compiled once is there for every worker, and for every program that a test starts. */
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "scopeline-test-compile-cache")

/** What needs released programs from npm is run by `npm run test:opencode`. */
export const released = ["test/opencode/**/*.test.ts", "test/bun/**/*.test.ts"]

/** What packs and installs the package is run by `npm run test:package`. */
export const packaged = ["test/package/**/*.test.ts"]

/** What starts whole programs under `scopeline/register` is run by `npm run test:register`. */
export const registered = ["test/register/**/*.test.ts"]

/** What takes minutes is run by `npm run test:repeat`. */
export const lengthy = ["test/repeat/**/*.test.ts"]

/** What is about a whole process, or about what is told once in it. */
const alone = ["test/instrument/effect/**/*.test.ts", "test/instrument/warn.test.ts"]

/** Random programs, as many as there is time for, are run by `npm run test:truth`. */
export const random = ["test/truth/**/*.test.ts"]

/** What needs the machine for itself is run by `npm run test:load`. */
export const loaded = ["test/load/**/*.test.ts"]

export default defineConfig({
  test: {
    projects: [
      // These share a worker, and what it has loaded: to load Effect takes longer than most files.
      { extends: true, test: { name: "shared", isolate: false, exclude: alone } },
      { extends: true, test: { name: "alone", include: alone } },
    ],
    // Node strips no types below node_modules, where Effect's own examples are.
    server: { deps: { inline: [/effect\/ai-docs\//] } },
    // Against tests that hang, and not against machines that are slow.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    exclude: [
      ...configDefaults.exclude,
      ...released,
      ...packaged,
      ...registered,
      ...lengthy,
      ...random,
      ...loaded,
    ],
    provide: { scenarioRuns: 1, healthyRuns: 20 },
  },
})
