import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { runCommand } from "../support/command.ts"
import { eventServer } from "../support/event-server.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-report-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const before = "test/fixtures/captures/opencode-1.14.48.otlp.jsonl"
const after = "test/fixtures/captures/opencode-1.15.3.otlp.jsonl"

let files = 0

/** Runs the command with a report, and gives the page beside what it printed. */
const reported = async (...words: ReadonlyArray<string>) => {
  const file = join(folder, `${++files}.html`)
  const ended = await runCommand([...words, "--report", file])
  return { ...ended, file, page: readFileSync(file, "utf8") }
}

describe("--report", () => {
  it("has both streams on one axis, the finding and the spans, in less than 300 KiB", async () => {
    const { code, stdout, file, page } = await reported("compare")
    expect(code).toBe(0)
    expect(stdout).toMatch(/\nReport: .+\n(?:.+\n){1,6}$/)
    expect(stdout).toContain(`Report: ${file}`)
    expect(page.length).toBeLessThan(300 * 1024)
    for (const words of ["As expected", ">broken<", ">fixed<", "scope handler", "≠ differs"]) {
      expect(page.replaceAll(/ <small>.*?<\/small>/g, "")).toContain(words)
    }
    expect(page).toContain("scope-closed-early <small>error · certain · once</small>")
    expect(page).toContain(">subscription bus<")
  })

  it("says nothing of itself where one JSON document is asked for", async () => {
    const { stdout, stderr, page } = await reported("scenario", "run", "context-lost", "--json")
    expect(JSON.parse(stdout)).toMatchObject({ name: "context-lost", variant: "broken" })
    expect(stderr).toBe("")
    expect(page).toContain("context-lost: broken</h1>")
  })

  it("shows the exchange that a diagnosis speaks of, its handler and the raw spans", async () => {
    const { code, page } = await reported("diagnose", before)
    expect(code).toBe(1)
    expect(page).toContain("Found: context-lost")
    expect(page).toContain('<span class="name handler">EventHttpApi.subscribe</span>')
    expect(page).toContain("No context found for instance")
    expect(page).toContain("recorded without Scopeline&#39;s Layer")
  })

  it("calls nothing healthy that could not be judged", async () => {
    const { code, page } = await reported("diagnose", after)
    expect(code).toBe(0)
    expect(page).toContain("Nothing could be judged")
    expect(page).toContain("No server span was found")
  })

  it("tells what became of findings between two recordings", async () => {
    const { code, page } = await reported("compare", before, after)
    expect(code).toBe(0)
    expect(page).toContain("Not judged yet in after.")
    expect(page).toContain("AFTER has no server span.")
    expect(page).not.toContain("Gone in after")
  })

  it.live("draws what a probe saw from outside", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ variant: "broken" })
      const { code, page } = yield* Effect.promise(() =>
        reported("probe", `${address}/event?token=secret`, "--hold", "100ms"),
      )
      expect(code).toBe(1)
      expect(page).toContain("Found: server-ended-stream")
      expect(page).toContain("the server ended it")
      expect(page).not.toContain("secret")
    }).pipe(Effect.scoped),
  )

  it.each([
    ["into a folder that is not there", join("no-such-folder", "report.html"), "no such folder"],
    ["where a folder is", ".", "is a folder"],
  ])("is refused %s, before anything is read", async (_, name, reason) => {
    const file = join(folder, name)
    const { code, stdout, stderr } = await runCommand(["diagnose", before, "--report", file])
    expect(code).toBe(2)
    expect(stdout).toBe("")
    expect(stderr).toMatch(/^--report ".*": .*\(see scopeline diagnose --help\)\n$/)
    expect(stderr).toContain(reason)
  })

  it("replaces an earlier report and an empty file", async () => {
    const file = join(folder, "replaced")
    writeFileSync(file, "")
    for (const _ of [1, 2]) {
      const { code, stdout } = await runCommand(["diagnose", before, "--report", file])
      expect(code).toBe(1)
      expect(stdout).toMatch(/\nReport: .+\n(?:.+\n){1,6}$/)
      expect(stdout).toContain(`Report: ${file}`)
    }
    expect(readFileSync(file, "utf8")).toContain("Found: ")
  })

  it.each([
    ["a recording", readFileSync(before, "utf8")],
    ["a page that somebody else wrote", "<!doctype html>\n<title>My page</title>\n"],
    ["a single line feed", "\n"],
  ])("does not replace %s", async (_, text) => {
    const file = join(folder, "kept")
    writeFileSync(file, text)
    const { code, stderr } = await runCommand(["diagnose", before, "--report", file])
    expect(code).toBe(2)
    expect(stderr).toContain("is no report of Scopeline: choose another name")
    expect(readFileSync(file, "utf8")).toBe(text)
  })

  it("says that a file is missing where none is named", async () => {
    const { code, stderr } = await runCommand(["diagnose", before, "--report"])
    expect(code).toBe(2)
    expect(stderr).toBe("--report needs a value: FILE (see scopeline diagnose --help)\n")
  })
})
