import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { broken, fixed, renamed } from "../lifetimes/spans.ts"
import { runCommand } from "../support/command.ts"
import { linesOf } from "./recording.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-several-"))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** Its two halves are in two files, and neither tells the bug. */
const [server = "", lifetimes = ""] = [linesOf(broken.slice(0, 1)), linesOf(broken.slice(1))]
const one = file("1.jsonl", server)
const two = file("2.jsonl", lifetimes)

describe("several recordings", () => {
  it("are diagnosed as one, with traces that are spread over them", async () => {
    const { code, stdout } = await runCommand(["diagnose", one, two, "--json"])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      traces: 1,
      exchangesJudged: 1,
      findings: [{ rule: "scope-closed-early" }],
      notes: [],
    })
  })

  it("are all the recordings of a folder", async () => {
    file("README.txt", "no recording")
    symlinkSync(folder, join(folder, "itself.json"))
    const { code, stdout } = await runCommand(["diagnose", folder, "--json"])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ traces: 1, findings: [{ count: 1 }] })
  })

  it("say in which of them a line could not be used, and which are empty", async () => {
    const bad = file("bad.txt", "{}\n")
    const empty = file("empty.txt", "")
    const { stdout } = await runCommand(["diagnose", one, bad, empty, two, "--json"])
    expect(JSON.parse(stdout)).toMatchObject({
      skippedLines: 1,
      notes: [
        `${empty} is empty.`,
        `1 line could not be used: line 1 of ${bad} (an empty object, without resourceSpans: record traces with "scopeline collect --out FILE").`,
      ],
    })
  })

  it("are compared: a folder from before a change and one from after", async () => {
    const after = mkdtempSync(join(tmpdir(), "scopeline-after-"))
    try {
      writeFileSync(join(after, "a.jsonl"), linesOf(fixed))
      writeFileSync(join(after, "b.json"), linesOf(renamed(fixed, 7)))
      const { code, stdout } = await runCommand(["compare", folder, after])
      expect(code).toBe(0)
      expect(stdout).toContain("No new finding; 1 gone.")
      expect(stdout).toContain("AFTER: Read 12 spans of 2 traces")
    } finally {
      rmSync(after, { recursive: true })
    }
  })

  it.each([
    [["-", "-"], "Standard input can be read once."],
    [[one, join(folder, "none.jsonl")], "There is no file"],
    [[import.meta.dirname], "is a folder without .json or .jsonl files: name a recording."],
  ])("are refused where they cannot be read: %s", async (words, message) => {
    const { code, stderr } = await runCommand(["diagnose", ...words])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
