/**
 * Runs the tests of what knows Effect's inside with the versions of Effect that are given, `oldest` and `latest` among
 * them; without any, with the oldest and the pinned one. What is not pinned runs in a copy of the checkout, beside
 * packages of its own, which are kept for the next time.
 */
import { spawnSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import packageJson from "../../package.json" with { type: "json" }

const checkout = fileURLToPath(new URL("../../", import.meta.url))
const pinned = packageJson.dependencies.effect
const [, oldest = pinned] = /^>=(\S+) /.exec(packageJson.peerDependencies.effect) ?? []
const tests = ["test/instrument", "test/automatic", "test/export", "test/trace"]

const run = (command: string, words: ReadonlyArray<string>, cwd: string): boolean => {
  const { status, error } = spawnSync(command, words, {
    cwd,
    stdio: "inherit",
    shell: process.platform === "win32" && command === "npm",
  })
  if (error !== undefined) throw error
  return status === 0
}

/** What a program of that version of Effect has of it. */
const packagesOf = (version: string): ReadonlyArray<string> => {
  const minor = version.replace(/^(\d+\.\d+)\..*$/, "$1.x")
  return [
    `effect@${version}`,
    `@effect/platform-node@${version}`,
    `@effect/platform-node-shared@${version}`,
    `@effect/opentelemetry@${minor}`,
    `@effect/vitest@${packageJson.devDependencies["@effect/vitest"]}`,
  ]
}

/** A folder of packages: those of Effect are its own, the others are the checkout's. */
const packagesFor = (version: string): string => {
  const folder = join(checkout, "node_modules", ".cache", `effect-${version}`)
  const modules = join(folder, "node_modules")
  if (version === "latest" || !existsSync(join(modules, "@effect", "vitest"))) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }))
    const words = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"]
    if (!run("npm", [...words, ...packagesOf(version)], folder)) process.exit(1)
  }
  for (const name of packageNames(join(checkout, "node_modules"))) {
    const place = join(modules, name)
    if (existsSync(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(checkout, "node_modules", name), place, "junction")
  }
  return modules
}

const packageNames = (modules: string): ReadonlyArray<string> =>
  readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(modules, name)).map((one) => join(name, one))
        : [name],
    )

const notCopied = ["node_modules", ".git", "dist"].map((name) => join(checkout, name))

/** Not below `node_modules`, where Node strips no types. */
const copyFor = (version: string): string => {
  const copy = mkdtempSync(join(tmpdir(), `scopeline-effect-${version}-`))
  cpSync(checkout, copy, {
    recursive: true,
    filter: (path) => !notCopied.includes(path),
  })
  symlinkSync(packagesFor(version), join(copy, "node_modules"), "junction")
  return copy
}

/** The library alone: the command line uses types of the pinned version, and does without where they are missing. */
const isTyped = (folder: string): boolean => {
  const project = join(folder, "tsconfig.library.json")
  writeFileSync(project, JSON.stringify({ extends: "./tsconfig.json", include: ["otel"] }))
  const compiler = "node_modules/typescript/bin/tsc"
  return run(process.execPath, [compiler, "--noEmit", "--project", project], folder)
}

const vitest = (folder: string): boolean =>
  run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...tests], folder)

const holdsWith = (version: string): boolean => {
  console.log(`\neffect ${version}`)
  if (version === pinned) return vitest(checkout)
  const copy = copyFor(version)
  try {
    return isTyped(copy) && vitest(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const asked = process.argv.slice(2)
const versions =
  asked.length === 0
    ? [oldest, pinned]
    : asked.map((version) => (version === "oldest" ? oldest : version))
const failed = versions.filter((version) => !holdsWith(version))
if (failed.length > 0) console.error(`\nNot as it should be with effect ${failed.join(", ")}.`)
process.exit(failed.length === 0 ? 0 : 1)
