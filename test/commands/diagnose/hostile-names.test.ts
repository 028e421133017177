import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { diagnosisLines } from "../../../src/commands/diagnose/text.ts"
import { jsonText } from "../../../src/commands/terminal/json-text.ts"
import { paint } from "../../../src/commands/terminal/paint.ts"
import { broken } from "../../lifetimes/spans.ts"
import { diagnosed, linesOf } from "../../recordings/recording.ts"
import { runCommand } from "../../support/command.ts"

const nasty = "\u001b[2J\u0007\u009b31m\u202eevil\u2028\u{e0041}\n"
const forbidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Every text that a sender chooses. */
const poisoned = JSON.parse(linesOf(broken), (key, value: unknown) =>
  typeof value === "string" &&
  (key === "name" || (key === "stringValue" && /^[/a-z]+$/.test(value)))
    ? value + nasty
    : value,
)

const visible = (text: string) => text.replaceAll("\n", "")

const folder = mkdtempSync(join(tmpdir(), "scopeline-hostile-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("names that would change the terminal", () => {
  it("are shown as visible escapes in what people get", async () => {
    const diagnosis = await diagnosed(`${JSON.stringify(poisoned)}\n${nasty}`)
    const withNotes = { ...diagnosis, notes: [...diagnosis.notes, nasty] }
    const text = paint(diagnosisLines(withNotes, 100), false)
    expect(diagnosis.exchangesJudged).toBe(1)
    expect(visible(text)).not.toMatch(forbidden)
    expect(text).toContain("\\u001b[2J")
  })

  it("are escaped in JSON, and mean the same", () => {
    const text = jsonText({ name: nasty, deeper: [nasty] })
    expect(visible(text)).not.toMatch(forbidden)
    expect(JSON.parse(text)).toEqual({ name: nasty, deeper: [nasty] })
  })

  it("do not reach it by way of the command, whatever it prints", async () => {
    const file = join(folder, "\u001b[31mred.jsonl")
    writeFileSync(file, `${JSON.stringify(poisoned)}\n`)
    for (const words of [
      [file],
      [file, "--json"],
      [`${file}\u009b`],
      [`${file}\u009b`, "--verbose"],
    ]) {
      const { stdout, stderr } = await runCommand(["diagnose", ...words])
      expect(stdout + stderr).not.toBe("")
      expect(visible(stdout + stderr)).not.toMatch(forbidden)
    }
  }, 30_000)
})
