import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { stripVTControlCharacters } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { broken, renamed } from "./lifetimes/spans.ts"
import { capture, linesOf } from "./recordings/recording.ts"
import { runCommand } from "./support/command.ts"
import { cleanVariables } from "./support/running.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-process-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recording = join(folder, "recording.jsonl")
const words = ["diagnose", recording, "--json"]

/** Finds nothing. */
const healthy = ["diagnose", capture("1.15.3")]

/** What the command prints, which is more than a pipe holds. */
let expected = ""

beforeAll(async () => {
  const services = Array.from({ length: 60 }, (_, n) =>
    renamed(broken, n).map((span) => ({ ...span, resource: { "service.name": `service ${n}` } })),
  )
  writeFileSync(recording, linesOf(...services))
  expected = (await runCommand(words)).stdout
  expect(expected.length).toBeGreaterThan(64 * 1024)
})

/** The command in a process of its own, whose output goes where it is told. */
const started = (stdout: "pipe" | number, ...command: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["bin/scopeline.js", ...command], {
    env: cleanVariables({}),
    stdio: ["ignore", stdout, "pipe"],
  })
  let stderr = ""
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const ended = once(child, "close").then(() => ({ code: child.exitCode, stderr }))
  return { child, ended }
}

const isLinux = process.platform === "linux"
if (!isLinux) console.info("skipped: a full disk and a real terminal, as only Linux has them")

describe("what the process prints", () => {
  it("arrives whole in a file", async () => {
    const file = join(folder, "printed.json")
    const descriptor = openSync(file, "w")
    const { code, stderr } = await started(descriptor, ...words).ended
    closeSync(descriptor)
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" })
    expect(readFileSync(file, "utf8")).toBe(expected)
  })

  it.each([
    ["is read as fast as it comes", 0],
    ["is read slowly", 50],
  ])("arrives whole in a pipe that %s", async (_, pause) => {
    const { child, ended } = started("pipe", ...words)
    let stdout = ""
    for await (const text of child.stdout?.setEncoding("utf8") ?? []) {
      stdout += text
      await setTimeout(pause)
    }
    expect(stdout).toBe(expected)
    expect(await ended).toEqual({ code: 1, stderr: "" })
  })

  it("may have a reader that goes away early, which changes nothing else", async () => {
    const { child, ended } = started("pipe", ...words)
    if (child.stdout === null) throw new Error("it has no pipe")
    await once(child.stdout, "readable")
    child.stdout.destroy()
    expect(await ended).toEqual({ code: 1, stderr: "" })
  })

  it.runIf(isLinux)("is missed where the disk is full", async () => {
    const descriptor = openSync("/dev/full", "w")
    const { code, stderr } = await started(descriptor, ...healthy).ended
    closeSync(descriptor)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The output could not be written: ENOSPC.*\n$/)
  })

  it.runIf(isLinux)("may be nothing, which fits on a full disk", async () => {
    const descriptor = openSync("/dev/full", "w")
    const { code, stderr } = await started(descriptor, "diagnos").ended
    closeSync(descriptor)
    expect(code).toBe(2)
    expect(stderr).not.toContain("could not be written")
  })

  it.runIf(isLinux)("is missed where the help of the root finds the disk full", async () => {
    const descriptor = openSync("/dev/full", "w")
    const { code, stderr } = await started(descriptor, "--help").ended
    closeSync(descriptor)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The output could not be written: ENOSPC.*\n$/)
  })
})

describe("the process", () => {
  it.each([
    [0, ["--version"]],
    [0, healthy],
    [1, ["diagnose", recording]],
    [2, ["diagnose", join(folder, "none.jsonl")]],
    [2, ["diagnose", "--no-such-flag"]],
  ])("ends with the exit code %i of %j", async (code, command) => {
    const { child, ended } = started("pipe", ...command)
    child.stdout?.resume()
    expect((await ended).code).toBe(code)
  })
})

describe("what was compiled", () => {
  const kept = (variables: NodeJS.ProcessEnv) => {
    const folder = mkdtempSync(join(tmpdir(), "scopeline-compiled-"))
    const { NODE_COMPILE_CACHE: _, ...environment } = cleanVariables({})
    spawnSync(process.execPath, ["bin/scopeline.js", "scenario"], {
      env: { ...environment, TMPDIR: folder, TEMP: folder, ...variables },
    })
    const files = readdirSync(folder, { recursive: true })
    rmSync(folder, { recursive: true })
    return files.length
  }

  it("is kept for the next start, unless that is not wanted", () => {
    expect(kept({})).toBeGreaterThan(100)
    expect(kept({ NODE_DISABLE_COMPILE_CACHE: "1" })).toBe(0)
  })
})

const hasScript = spawnSync("script", ["--version"]).status === 0
if (!hasScript) console.info("skipped: a real terminal, because there is no `script`")

describe.runIf(hasScript && isLinux)("a real terminal", () => {
  const inTerminal = (variables: Readonly<Record<string, string>>) => {
    const command = `stty cols 64; "${process.execPath}" bin/scopeline.js ${healthy.join(" ")} 2> /dev/null`
    const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], {
      env: cleanVariables({ TERM: "xterm-256color", ...variables }),
      encoding: "utf8",
    })
    return stdout.replaceAll("\r\n", "\n")
  }

  it("is written to in colour, and as wide as it is", async () => {
    const shown = inTerminal({})
    const { stdout } = await runCommand(healthy, { terminal: { columns: 64 } })
    expect(shown).toBe(stdout)
    expect(shown).toContain("\u001b[")
  })

  it("is written to without colour where NO_COLOR is set", async () => {
    const shown = inTerminal({ NO_COLOR: "1" })
    const { stdout } = await runCommand(healthy, { terminal: { columns: 64 } })
    expect(shown).toBe(stripVTControlCharacters(stdout))
  })
})
