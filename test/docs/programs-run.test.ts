import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { scopeline } from "../support/command.ts"
import { runningProgram } from "../support/process.ts"
import { documentText } from "./documents.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-docs-"))
symlinkSync(resolve("node_modules"), join(folder, "node_modules"), "dir")
writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
afterAll(() => rmSync(folder, { recursive: true }))

const entries = { scopeline: "otel/index.ts", "scopeline/testing": "otel/testing/index.ts" }

/** The blocks of TypeScript in a document. */
const blocksOf = (path: string): ReadonlyArray<string> =>
  [...documentText(path).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block)

const [layerLines = "", guardLines = ""] = blocksOf("README.md")
const [program = "", guardsOfLibrary = "", wholeTest = ""] = blocksOf("docs/library.md")

/** The README shows what is added to a program: that of the page of the library, without its telemetry. */
const readmeProgram = `${program.split("const telemetry")[0]}${layerLines.replace(/^import .*$/m, "")}`

/** What the page says to move to another file, so that a test can import it. */
const routes = `import { Effect, PubSub, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
${program.slice(program.indexOf("const routes"), program.indexOf("const port")).replace("const routes", "export const routes")}`

const imports = `import { it } from "@effect/vitest"
import { test } from "vitest"
import { Effect, PubSub } from "effect"
`

/** What the guards of the documents guard, once without a problem, and once with a leak. */
const healthy = "const program = Effect.void\n"
const leaking =
  "const program = Effect.flatMap(PubSub.unbounded<string>(), (bus) => Effect.forkDetach(Effect.scoped(Effect.andThen(PubSub.subscribe(bus), Effect.never)))).pipe(Effect.andThen(Effect.yieldNow))\n"

const guardTest = (lines: string, guarded: string) =>
  `${imports}${lines.replace(/^import .*$/m, (line) => `${line}\n${guarded}`)}`

const files: Readonly<Record<string, string>> = {
  "readme.ts": readmeProgram,
  "library.ts": program,
  "routes.ts": routes,
  "whole-test.test.ts": wholeTest,
  "whole-test-fixed.test.ts": wholeTest.replace("./routes.ts", "./routes-fixed.ts"),
  "routes-fixed.ts": routes.replace("Effect.scoped(subscribe())", "subscribe()"),
  "guard-readme.test.ts": guardTest(guardLines, healthy),
  "guard-library.test.ts": guardTest(guardsOfLibrary, healthy),
  "guard-leak.test.ts": guardTest(guardsOfLibrary, leaking),
}

/** Imports lead to this checkout: the package is not installed in it. */
const withAddresses = (text: string): string =>
  Object.entries(entries).reduce(
    (all, [name, file]) => all.replaceAll(`from "${name}"`, `from "${pathToFileURL(file).href}"`),
    text,
  )

for (const [name, text] of Object.entries(files)) {
  writeFileSync(join(folder, name), withAddresses(text))
  writeFileSync(join(folder, `as-written-${name.replace(".test", "")}`), text)
}

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ["node"],
    paths: Object.fromEntries(
      Object.entries(entries).map(([name, file]) => [name, [resolve(file)]]),
    ),
  },
  include: ["as-written-*.ts"],
}
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig))

const node = (words: ReadonlyArray<string>, variables = {}) =>
  runningProgram(process.execPath, words, variables, folder)

const inModules = (path: string): string => resolve("node_modules", path)

describe.concurrent("the programs of the documents", () => {
  it.live("compile as they are written", () =>
    Effect.gen(function* () {
      const compiler = yield* node([inModules("typescript/bin/tsc"), "--project", folder])
      expect({ code: yield* compiler.ended, output: compiler.output() }).toEqual({
        code: 0,
        output: "",
      })
    }),
  )

  it.live.each(["readme.ts", "library.ts"])("run, and their bug is found: %s", (file) =>
    Effect.gen(function* () {
      const collector = yield* scopeline(["collect", "--port", "0"])
      const endpoint = yield* collector.written(/Listening on (\S+)/)
      const server = yield* node([file], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, PORT: "0" })
      const address = yield* server.written(/(http:\/\/\S+:\d+)/)
      yield* Effect.promise(async () => (await fetch(`${address}/ticks`)).text())
      yield* collector.written(/scope-closed-early · error · certain · once\n {2}GET \/ticks/)
    }),
  )

  it.live("guard tests: those without a problem pass, and those that leak fail", () =>
    Effect.gen(function* () {
      const running = yield* node([inModules("vitest/vitest.mjs"), "run", "--root", folder])
      expect(yield* running.ended).toBe(1)
      expect(running.output()).toMatch(/Tests {2}3 failed \| 4 passed/)
      expect(running.output()).toContain("FAIL  guard-leak.test.ts")
      expect(running.output()).toMatch(/FAIL {2}whole-test.test.ts.*\n.*scope-closed-early/)
    }),
  )
})
