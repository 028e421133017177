import { readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import packageJson from "../../package.json" with { type: "json" }
import { aware } from "../bun/releases.ts"
import { type Ended, ended, findingsIn } from "../register/registered.ts"
import { isInstalled, programOf } from "../released/release.ts"
import { runningProgram } from "../support/process.ts"
import type { Variables } from "../support/running.ts"
import { signalsReachProcesses } from "../support/stop.ts"
import { inFolder, pack } from "./packed.ts"

const programs = fileURLToPath(new URL("../register/programs/", import.meta.url))

let packing: string
let project: string

const manifest = {
  type: "module",
  scripts: { dev: "tsx managed-runtime.ts broken", quiet: "node -e 0" },
}

/** A project of somebody who uses Effect, with the package installed beside. */
beforeAll(async () => {
  packing = await mkdtemp(join(tmpdir(), "scopeline-pack-"))
  project = await mkdtemp(join(tmpdir(), "scopeline-registered-"))
  const tarball = await Effect.runPromise(Effect.scoped(pack(packing)))
  await writeFile(join(project, "package.json"), JSON.stringify(manifest))
  for (const file of readdirSync(programs)) {
    const source = readFileSync(join(programs, file), "utf8")
    await writeFile(join(project, file), source.replace("../../../otel/index.ts", "scopeline"))
  }
  const { dependencies, devDependencies } = packageJson
  const words = [
    "install",
    "--no-audit",
    "--no-fund",
    tarball,
    `effect@${dependencies.effect}`,
    `@effect/platform-node@${dependencies["@effect/platform-node"]}`,
    `@effect/opentelemetry@${devDependencies["@effect/opentelemetry"]}`,
    `@opentelemetry/sdk-trace-node@${dependencies["@opentelemetry/sdk-trace-node"]}`,
    "tsx@4",
  ]
  await Effect.runPromise(Effect.scoped(inFolder(project, "npm", ...words)))
})

afterAll(async () => {
  await rm(packing, { recursive: true, force: true })
  await rm(project, { recursive: true, force: true })
})

const start = (command: string, words: ReadonlyArray<string>, variables: Variables = {}) =>
  runningProgram(command, words, variables, project)

const run = (command: string, words: ReadonlyArray<string>, variables: Variables = {}) =>
  Effect.scoped(Effect.flatMap(start(command, words, variables), ended))

const underRegister = ["--import", "scopeline/register"]

/** What is another at each run. */
const alike = ({ code, signal, stdout }: Ended) => ({
  code,
  signal,
  stdout: stdout.replaceAll(/^\[[\d:.]+\]/gm, "[time]"),
})

interface Program {
  readonly words: ReadonlyArray<string>
  readonly findings: ReadonlyArray<string>
}

const broken = ["scope-closed-early · GET /broken"]

const all: ReadonlyArray<Program> = [
  { words: ["managed-runtime.ts", "broken"], findings: broken },
  { words: ["managed-runtime.ts", "fixed"], findings: [] },
  { words: ["runtime-per-request.ts", "broken"], findings: broken },
  { words: ["runtime-per-request.ts", "fixed"], findings: [] },
  { words: ["web-handler.ts", "broken"], findings: broken },
  { words: ["web-handler.ts", "fixed"], findings: [] },
  { words: ["commonjs.cjs"], findings: broken },
  { words: ["many-promises.ts"], findings: [] },
  { words: ["rpc-websocket.ts"], findings: [] },
  { words: ["orphan.ts"], findings: ["orphan-fiber · GET /mail"] },
  { words: ["own-tracer.ts", "broken", "otlp"], findings: broken },
  { words: ["own-tracer.ts", "fixed", "otlp"], findings: [] },
  { words: ["own-tracer.ts", "broken", "opentelemetry"], findings: broken },
  { words: ["own-tracer.ts", "fixed", "opentelemetry"], findings: [] },
  { words: ["with-layer.ts", "broken"], findings: broken },
  { words: ["with-layer.ts", "fixed"], findings: [] },
]

describe("node --import scopeline/register, before", () => {
  it.live.each(all)("$words: what is wrong is told, and the program stays what it was", (program) =>
    Effect.gen(function* () {
      const { words, findings } = program
      const without = yield* run(process.execPath, words)
      const under = yield* run(process.execPath, [...underRegister, ...words])
      expect(alike(under)).toEqual(alike(without))
      expect(findingsIn(under)).toEqual(findings)
      expect(under.stderr).not.toMatch(/Scopeline|Warning/)
    }),
  )

  const stopped = Effect.fnUntraced(function* (
    words: ReadonlyArray<string>,
    signal: NodeJS.Signals,
  ) {
    const running = yield* start(process.execPath, [...words, "launched.ts"])
    const address = yield* running.written(/Listening on (\S+)/)
    yield* Effect.promise(async () => (await fetch(`${address}/broken`)).text())
    running.signal(signal)
    return yield* ended(running)
  }, Effect.scoped)

  const signals = signalsReachProcesses ? (["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"] as const) : []

  it.live.each(signals)("a server that runs until %s", (signal) =>
    Effect.gen(function* () {
      const without = yield* stopped([], signal)
      const under = yield* stopped(underRegister, signal)
      const address = /:\d+/g
      expect({ ...alike(under), stdout: under.stdout.replace(address, "") }).toEqual({
        ...alike(without),
        stdout: without.stdout.replace(address, ""),
      })
      // Where a signal ends it, nothing of ours runs any more.
      if (under.signal === null) expect(findingsIn(under)).toEqual(broken)
    }),
  )
})

describe("NODE_OPTIONS=--import=scopeline/register", () => {
  const variables = { NODE_OPTIONS: "--import=scopeline/register" }

  it.live("sees what npm runs through tsx, and nothing of npm and tsx", () =>
    Effect.gen(function* () {
      const words = ["run", "--silent", "dev"]
      const without = yield* run("npm", words)
      const under = yield* run("npm", words, variables)
      expect(alike(under)).toEqual(alike(without))
      expect(findingsIn(under)).toEqual(broken)
      expect(under.stderr).toContain("scopeline-registered") // the package that npm runs has no name
      expect(under.stderr).not.toContain("Scopeline")
    }),
  )

  it.live("says nothing where nobody loads Effect", () =>
    Effect.gen(function* () {
      const under = yield* run("npm", ["run", "--silent", "quiet"], variables)
      expect(under).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
    }),
  )
})

describe.runIf(isInstalled(aware))("bun --preload scopeline/register, before", () => {
  const bun = programOf(aware)
  const quiet = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" }

  it.live.each([
    { words: ["web-handler.ts", "broken"], findings: broken },
    { words: ["web-handler.ts", "fixed"], findings: [] },
    { words: ["managed-runtime.ts", "broken"], findings: broken },
    { words: ["commonjs.cjs"], findings: broken },
  ])("$words: what is wrong is told, and the program stays what it was", ({ words, findings }) =>
    Effect.gen(function* () {
      const without = yield* run(bun, words, quiet)
      const under = yield* run(bun, ["--preload", "scopeline/register", ...words], quiet)
      expect(alike(under)).toEqual(alike(without))
      expect(findingsIn(under)).toEqual(findings)
    }),
  )
})

if (!isInstalled(aware))
  console.info(`skipped: programs under ${aware.title}, which is not installed`)
