import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { decodeJson } from "../../src/otlp/export-request.ts"
import { runCommand } from "../support/command.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-host-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const told = { "host.id": "dmi-of-mine", "host.name": "laptop-of-mine" }

const onMyMachine = (span: Span): Span => ({
  ...span,
  resource: { ...span.resource, ...told },
  attributes: { ...span.attributes, ...told },
})

/** What a rule's page was recorded with, as a program sends it that tells all of its machine. */
const recording = async (rule: string): Promise<string> => {
  const lines = readFileSync(`docs/rules/${rule}.otlp.jsonl`, "utf8").trim().split("\n")
  const spans = await Effect.runPromise(Effect.forEach(lines, decodeJson))
  const file = join(folder, `${rule}.otlp.jsonl`)
  const all = spans.flatMap((decoded) => decoded.spans)
  writeFileSync(file, encodeJson(all.map(onMyMachine)))
  expect(readFileSync(file, "utf8")).toContain("of-mine")
  return file
}

describe("what is shown to others", () => {
  it("does not tell on which machine a recording was made", async () => {
    const before = await recording("scope-closed-early")
    const after = await recording("subscription-leak")
    for (const [index, command] of [
      ["diagnose", before],
      ["diagnose", before, "--json"],
      ["compare", before, after],
      ["compare", before, after, "--json"],
    ].entries()) {
      const page = join(folder, `${index}.html`)
      const { code, stdout, stderr } = await runCommand([...command, "--report", page])
      expect(code, stderr).toBe(1)
      expect(stdout).toContain("scope-closed-early")
      expect(stdout + stderr + readFileSync(page, "utf8")).not.toMatch(/host\.(id|name)|of-mine/)
    }
  })

  it("does not tell it in the recordings of the rules' pages", () => {
    const files = readdirSync("docs/rules").filter((name) => name.endsWith(".jsonl"))
    expect(files.length).toBeGreaterThan(10)
    for (const file of files) {
      expect(readFileSync(`docs/rules/${file}`, "utf8")).not.toContain('"host.')
    }
  })
})
