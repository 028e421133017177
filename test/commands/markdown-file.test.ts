import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { broken, fixed, renamed } from "../lifetimes/spans.ts"
import { capture, linesOf } from "../recordings/recording.ts"
import { runCommand } from "../support/command.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-markdown-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (name: string, content = ""): string => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

const brokenFile = fileOf("broken.jsonl", linesOf(broken))
const fixedFile = fileOf("fixed.jsonl", linesOf(fixed))

const read = (file: string): string => readFileSync(file, "utf8")

describe("--markdown", () => {
  it("has the verdict, each finding with its drawing and repair, the notes and what made it", async () => {
    const file = join(folder, "diagnosis.md")
    const { code, stdout } = await runCommand(["diagnose", capture("1.14.48"), "--markdown", file])
    expect(code).toBe(1)
    expect(stdout).toContain(`Markdown: ${file}`)
    const text = read(file)
    for (const part of [
      /^<!-- Written by Scopeline -->\n## Diagnosis of /,
      /^Found: context-lost$/m,
      /^Read 110 spans of 7 traces: 3 exchanges judged, 1 finding \(context-lost\)\.$/m,
      /^### ✕ context-lost \(error, certain, 2 times\)$/m,
      /^```text\n── GET \/event · trace 05eab79762b1f4cfd2a86c1deb15312e [\s\S]*?\n```$/m,
      /^\*\*How to fix it\*\*$/m,
      /^- 3 exchanges of opencode were recorded without Scopeline/m,
      /^scopeline \d.* · command scopeline diagnose /m,
    ]) {
      expect(text).toMatch(part)
    }
  })

  it("is all that is printed where it is -", async () => {
    const { code, stdout, stderr } = await runCommand(["diagnose", brokenFile, "--markdown", "-"])
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" })
    expect(stdout).toMatch(/^<!-- Written by Scopeline -->\n/)
    expect(stdout).not.toContain("how to fix it")
  })

  it("cannot be printed beside a JSON document", async () => {
    for (const words of [
      ["diagnose", brokenFile],
      ["compare"],
      ["scenario", "run", "context-lost"],
    ]) {
      const { code, stdout, stderr } = await runCommand([...words, "--markdown", "-", "--json"])
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr).toBe("--json and --markdown - both print: name a file for one.\n")
    }
  })

  it("says at length what is new after a change, and in a line each what is gone", async () => {
    const file = join(folder, "change.md")
    await runCommand(["compare", brokenFile, fixedFile, "--markdown", file])
    const gone = read(file)
    expect(gone).toContain("**Gone (1)**\n\n- scope-closed-early, found once · GET /event · ")
    expect(gone).not.toContain("How to fix it")
    await runCommand(["compare", fixedFile, brokenFile, "--markdown", file])
    const fresh = read(file)
    expect(fresh).toContain("**New in after (1)**\n\n### ✕ scope-closed-early")
    expect(fresh).toContain("── GET /event · trace ")
  })

  it("tells what a scenario showed, and what the streams of this project did", async () => {
    const played = await runCommand(["scenario", "run", "context-lost", "--markdown", "-"])
    expect(played.stdout).toMatch(/### ✕ context-lost[\s\S]*```text\n── GET /)
    const compared = await runCommand(["compare", "--markdown", "-"])
    expect(compared.stdout).toContain("### ✕ scope-closed-early (error, certain, once)")
  })

  it("is added to the summary of a step of GitHub Actions, which may hold something already", async () => {
    const file = fileOf("summary.md", "Before.\n\n")
    const variables = { GITHUB_STEP_SUMMARY: file }
    await runCommand(["diagnose", brokenFile, "--markdown", file], { variables })
    expect(read(file)).toMatch(/^Before\.\n\n<!-- Written by Scopeline -->\n/)
  })

  it("replaces an earlier one and an empty file, and nothing that somebody wrote", async () => {
    const file = fileOf("again.md")
    for (const source of [brokenFile, fixedFile]) {
      await runCommand(["diagnose", source, "--markdown", file])
    }
    expect(read(file)).not.toContain("scope-closed-early")
    const own = fileOf("README.md", "# Mine\n")
    const { code, stderr } = await runCommand(["diagnose", brokenFile, "--markdown", own])
    expect(code).toBe(2)
    expect(stderr).toContain("is there already and is no Markdown of Scopeline")
    expect(read(own)).toBe("# Mine\n")
  })

  it("fits into a comment of GitHub, whatever was found, and says in short what had no room", async () => {
    const many = Array.from({ length: 60 }, (_, number) =>
      renamed(broken, number).map((span) => ({
        ...span,
        attributes: {
          ...span.attributes,
          ...("http.route" in span.attributes ? { "http.route": `/${number}` } : {}),
        },
      })),
    )
    const file = fileOf("many.jsonl", linesOf(...many))
    const { stdout } = await runCommand(["diagnose", file, "--markdown", "-"])
    expect(stdout.length).toBeLessThan(65_536)
    expect(stdout).toContain(
      "More findings, in short:\n\n- scope-closed-early (error, certain, once) · GET /",
    )
    expect(stdout).toMatch(/^- and \d+ more$/m)
  })
})
