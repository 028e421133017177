import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { publint } from "publint"
import packageJson from "../../package.json" with { type: "json" }
import { fileText } from "../stack/repository.ts"
import { runningProgram } from "../support/process.ts"
import { inFolder, pack } from "./packed.ts"

let folder: string
let tarball: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scopeline-package-"))
  tarball = await Effect.runPromise(Effect.scoped(pack(folder)))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const packedFile = (path: string) =>
  inFolder(folder, "tar", "--extract", "--to-stdout", "--file", tarball, `package/${path}`)

describe("the packed file", () => {
  it.live("has a manifest with nothing of a checkout in it", () =>
    Effect.gen(function* () {
      const manifest: unknown = JSON.parse(yield* packedFile("package.json"))
      expect(manifest).toEqual({
        name: "scopeline",
        version: packageJson.version,
        description: packageJson.description,
        license: "MIT",
        type: "module",
        engines: packageJson.engines,
        bin: { scopeline: "dist/bin/scopeline.js" },
        files: packageJson.files,
        exports: packageJson.exports,
        dependencies: {
          "@effect/platform-node": packageJson.peerDependencies.effect,
          "@opentelemetry/core": `^${packageJson.dependencies["@opentelemetry/core"]}`,
          "@opentelemetry/otlp-exporter-base": `^${packageJson.dependencies["@opentelemetry/otlp-exporter-base"]}`,
          "@opentelemetry/otlp-transformer": `^${packageJson.dependencies["@opentelemetry/otlp-transformer"]}`,
          protobufjs: `^${packageJson.dependencies.protobufjs}`,
        },
        peerDependencies: packageJson.peerDependencies,
      })
    }),
  )

  it.live("leaves the manifest and the README of the checkout as they were", () =>
    Effect.gen(function* () {
      for (const file of ["package.json", "README.md"]) {
        const after = yield* Effect.promise(() => readFile(join(folder, "checkout", file), "utf8"))
        expect(after).toBe(fileText(file))
      }
    }),
  )

  it.live("has a README of its own, which leads to nothing that is not in the package", () =>
    Effect.gen(function* () {
      const readme = yield* packedFile("README.md")
      expect(readme).toBe(fileText("packaging/README.md"))
      const files = yield* inFolder(folder, "tar", "--list", "--file", tarball)
      const links = [...readme.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = ""]) => path)
      expect(links.filter((path) => !files.includes(`package/${path}`))).toEqual([])
      expect(files).not.toContain("checkout")
    }),
  )

  it.live("can be published, as npm sees it", () =>
    inFolder(folder, "npm", "publish", "--dry-run", "--access", "public", tarball),
  )

  it("is well-formed, as publint sees it", async () => {
    const tarballBytes = Uint8Array.from(await readFile(tarball)).buffer
    const { messages } = await publint({ pack: { tarball: tarballBytes } })
    expect(messages).toEqual([])
  })

  it.live("has types that resolve, as Are The Types Wrong sees it", () =>
    inFolder(
      process.cwd(),
      process.execPath,
      "node_modules/@arethetypeswrong/cli/dist/index.js",
      tarball,
      "--profile",
      "esm-only",
    ),
  )
})

/** The program in the README of the package. */
const readmeProgram = (): string => {
  const [, program = ""] = /```ts\n(.*?)```/s.exec(fileText("packaging/README.md")) ?? []
  return program
}

const tsconfig = {
  compilerOptions: {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ["node"],
  },
  include: ["*.ts"],
}

describe("in an empty project the package", () => {
  let project: string

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "scopeline-project-"))
    await writeFile(join(project, "package.json"), '{ "type": "module" }')
    await writeFile(join(project, "tsconfig.json"), JSON.stringify(tsconfig))
    await writeFile(join(project, "main.ts"), readmeProgram())
    const { devDependencies, dependencies } = packageJson
    const words = [
      "install",
      "--no-audit",
      "--no-fund",
      tarball,
      `effect@${dependencies.effect}`,
      `@effect/platform-node@${dependencies["@effect/platform-node"]}`,
      `typescript@${devDependencies.typescript}`,
      `@types/node@${devDependencies["@types/node"]}`,
    ]
    await Effect.runPromise(Effect.scoped(inFolder(project, "npm", ...words)))
  })

  afterAll(() => rm(project, { recursive: true, force: true }))

  it.live("has types for the program of the README", () =>
    inFolder(project, process.execPath, "node_modules/typescript/bin/tsc"),
  )

  it.live("finds the bug of the program of the README", () =>
    Effect.gen(function* () {
      const installed = "node_modules/scopeline/dist/bin/scopeline.js"
      const node = (words: ReadonlyArray<string>, variables = {}) =>
        runningProgram(process.execPath, words, variables, project)
      const collector = yield* node([installed, "collect", "--port", "0"])
      const endpoint = yield* collector.written(/(http:\/\/127\.0\.0\.1:\d+)/)
      const server = yield* node(["main.ts"], { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, PORT: "0" })
      const address = yield* server.written(/(http:\/\/\S+:\d+)/)
      yield* Effect.promise(async () => (await fetch(`${address}/ticks`)).text())
      yield* collector.written(/scope-closed-early/)
    }),
  )

  it.live("writes a report with all that belongs to it", () =>
    Effect.gen(function* () {
      const installed = "node_modules/scopeline/dist/bin/scopeline.js"
      const words = ["scenario", "run", "context-lost", "--report", "report.html"]
      yield* inFolder(project, process.execPath, installed, ...words)
      const report = yield* Effect.promise(() => readFile(join(project, "report.html"), "utf8"))
      expect(report).toMatch(/<style>[^<]*--page:[^<]*\.rows[^<]*<\/style>/)
      expect(report).toMatch(/<script type="module">.*getElementById\("script"\)/s)
    }),
  )

  it.live("brings the guard for tests", () =>
    Effect.gen(function* () {
      yield* Effect.promise(() =>
        writeFile(
          join(project, "guard.test.js"),
          `import { test } from "node:test"
import { Effect } from "effect"
import { runGuarded } from "scopeline/testing"
test("is tidy", () => runGuarded(Effect.void))
`,
        ),
      )
      yield* inFolder(project, process.execPath, "--test", "guard.test.js")
    }),
  )
})
