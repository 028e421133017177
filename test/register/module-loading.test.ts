import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import {
  copyEffect,
  link,
  project,
  remove,
  run,
  saidIn,
  underRegister,
  writeFiles,
} from "./registered.ts"

/** Says whether a fiber that it starts is observed. */
const look = `
console.log("seen", Effect.runSync(Effect.withFiber(({ cache }) => Effect.succeed(cache.tracer !== undefined))))
`
const esModule = `import { Effect } from "effect"${look}`
const commonJs = `const { Effect } = require("effect")${look}`

interface Loading {
  readonly how: string
  readonly files: Readonly<Record<string, string>>
  readonly says?: string
}

/** How a program may come to Effect: `main` is what is started. */
const loadings: ReadonlyArray<Loading> = [
  { how: "an ES module", files: { "main.mjs": esModule } },
  {
    how: "an ES module that imports single modules",
    files: { "main.mjs": `import * as Effect from "effect/Effect"${look}` },
  },
  {
    how: "an ES module that runs before the one that is started",
    files: { "main.mjs": 'import "./first.mjs"\nimport "effect"', "first.mjs": esModule },
  },
  {
    how: "an ES module that is imported later",
    files: { "main.mjs": 'await import("./later.mjs")', "later.mjs": esModule },
  },
  {
    how: "an import of the file itself",
    files: {
      "main.mjs": `const { Effect } = await import(new URL("node_modules/effect/dist/index.js", import.meta.url))${look}`,
    },
  },
  { how: "CommonJS", files: { "main.cjs": commonJs } },
  {
    how: "CommonJS that an ES module imports, beside Effect",
    files: {
      "main.mjs": `import "./first.cjs"\n${esModule}`,
      "first.cjs": commonJs,
    },
    says: "seen true\nseen true\n",
  },
  {
    how: "an ES module that CommonJS requires",
    files: { "main.cjs": 'require("./first.mjs")', "first.mjs": esModule },
  },
  {
    how: "a worker thread",
    files: {
      "main.mjs":
        'new (await import("node:worker_threads")).Worker(new URL("work.mjs", import.meta.url))',
      "work.mjs": esModule,
    },
  },
  { how: "TypeScript", files: { "main.ts": `${esModule}export type A = string` } },
]

/** A copy of Effect that is not this checkout's. */
let effect: string
let scope: Scope.Closeable

beforeAll(async () => {
  scope = Scope.makeUnsafe()
  const folder = await Effect.runPromise(Scope.provide(project({}), scope))
  effect = join(folder, "node_modules/effect")
  await Effect.runPromise(copyEffect(effect))
})

afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const linkEffect = (folder: string) => link(effect, join(folder, "node_modules/effect"))

describe("a program that loads Effect", () => {
  it.live.each(loadings)("as $how is seen, with its own copy", ({ files, says }) =>
    Effect.gen(function* () {
      const folder = yield* project(files)
      yield* linkEffect(folder)
      const main = Object.keys(files).find((file) => file.startsWith("main")) ?? ""
      const ended = yield* run([main], underRegister, folder)
      expect(ended).toMatchObject({ code: 0, stdout: says ?? "seen true\n" })
      expect(ended.stderr.replace(/.*ExperimentalWarning.*\n.*\n/, "")).toBe("")
    }),
  )

  it.live("is seen where packages are laid out as pnpm does", () =>
    Effect.gen(function* () {
      const folder = yield* project({ "main.mjs": 'import "library"', "package.json": "{}" })
      const store = join(folder, "node_modules/.pnpm")
      yield* copyEffect(join(store, "effect@4.1.0/node_modules/effect"))
      const library = join(store, "library@1.0.0/node_modules/library")
      yield* link(join(store, "effect@4.1.0/node_modules/effect"), join(library, "../effect"))
      const files = {
        "package.json": '{ "type": "module", "main": "index.js" }',
        "index.js": esModule,
      }
      yield* writeFiles(library, files)
      yield* link(library, join(folder, "node_modules/library"))
      const ended = yield* run(["main.mjs"], underRegister, folder)
      expect(ended).toEqual({ code: 0, signal: null, stdout: "seen true\n", stderr: "" })
    }),
  )

  it.live("is told where Effect is, as without", () =>
    Effect.gen(function* () {
      const folder = yield* project({
        "main.mjs": `
import { createRequire } from "node:module"
console.log(import.meta.resolve("effect"), createRequire(import.meta.url).resolve("effect/Effect"))
const { default: { name } } = await import("effect/package.json", { with: { type: "json" } })
console.log(name, Object.keys(await import("effect")).length)
`,
      })
      yield* linkEffect(folder)
      const [without, under] = yield* Effect.all([
        run(["main.mjs"], {}, folder),
        run(["main.mjs"], underRegister, folder),
      ])
      expect(under).toEqual(without)
      expect(under.code).toBe(0)
    }),
  )
})

describe("a process that never loads Effect", () => {
  it.live("loads nothing of the library", () =>
    Effect.gen(function* () {
      const folder = yield* project({
        "main.mjs": `
import { registerHooks } from "node:module"
registerHooks({ load: (url, context, next) => { console.log(url); return next(url, context) } })
await import("./other.mjs")
`,
        "other.mjs": "",
      })
      const ended = yield* run(["main.mjs"], underRegister, folder)
      expect(ended).toMatchObject({ code: 0, stderr: "" })
      expect(ended.stdout).toMatch(/^file:\S+other\.mjs\n$/)
    }),
  )
})

const runs = `${esModule}console.log("runs on")`

describe("one line says what is not seen, and the program runs on:", () => {
  const expectSaid = (
    files: Readonly<Record<string, string>>,
    says: RegExp,
    prepare: (folder: string) => Effect.Effect<void> = () => Effect.void,
  ) =>
    Effect.gen(function* () {
      const folder = yield* project(files)
      yield* prepare(folder)
      const ended = yield* run(["main.mjs"], underRegister, folder)
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/runs on\n$/) })
      const said = saidIn(ended)
      expect(said).toEqual([expect.stringMatching(says)])
      expect(said[0]).toMatch(/The program runs on\.$/)
    })

  it.live("Effect 3", () =>
    expectSaid(
      {
        "main.mjs": 'import { old } from "effect"\nconsole.log(old)',
        "node_modules/effect/package.json":
          '{ "name": "effect", "version": "3.19.4", "type": "module", "main": "index.js" }',
        "node_modules/effect/index.js": 'export const old = "runs on"',
      },
      /nothing of what runs on effect 3\.19\.4 \(.*\): it needs effect 4\.0\.6 or a later 4\./,
    ),
  )

  it.live("Effect 3 under another name, beside a copy that is seen", () =>
    expectSaid(
      {
        "main.mjs": `${esModule}globalThis["effect/FiberCurrent"] = undefined\nconsole.log("runs on")`,
      },
      /sees nothing of what runs on Effect 3: it needs effect 4\.0\.6 or a later 4\./,
      linkEffect,
    ),
  )

  it.live("a second copy", () =>
    expectSaid(
      {
        "main.mjs": `${esModule}await import("library")`,
        "node_modules/library/package.json": '{ "type": "module", "main": "index.js" }',
        "node_modules/library/index.js": runs,
      },
      /sees what runs on effect 4\S* \(.*\), and nothing of what runs on a second copy, effect 4/,
      (folder) =>
        Effect.andThen(
          linkEffect(folder),
          copyEffect(join(folder, "node_modules/library/node_modules/effect")),
        ),
    ),
  )

  it.live("a copy that is bundled into the program", () =>
    expectSaid(
      {
        "main.mjs": 'globalThis["~effect/Fiber/currentFiber"] = undefined\nconsole.log("runs on")',
      },
      /none of its modules imports effect\. If a copy of effect is bundled into it/,
    ),
  )

  it.live("a copy that lacks a module", () =>
    expectSaid({ "main.mjs": runs }, /it could not be loaded: Cannot find module/, (folder) =>
      Effect.andThen(
        copyEffect(join(folder, "node_modules/effect")),
        remove(join(folder, "node_modules/effect/dist/http/HttpEffect.js")),
      ),
    ),
  )

  it.live("a Node.js that has no hooks", () =>
    Effect.gen(function* () {
      const folder = yield* project({
        "main.mjs": runs,
        "old.cjs":
          'const hooks = require("node:module")\ndelete hooks.registerHooks\nhooks.syncBuiltinESMExports()',
      })
      yield* linkEffect(folder)
      const ended = yield* run(["--require", "./old.cjs", "main.mjs"], underRegister, folder)
      expect(ended).toMatchObject({ code: 0, stdout: "seen false\nruns on\n" })
      expect(saidIn(ended)).toEqual([
        expect.stringMatching(/it needs Node\.js 22\.15 or newer, and this is \d+/),
      ])
    }),
  )
})
