import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { CODE_FILE, CODE_FUNCTION, CODE_LINE } from "../../otel/attributes.ts"
import { annotationLines } from "../../src/commands/annotations.ts"
import { broken } from "../lifetimes/spans.ts"
import { capture, linesOf } from "../recordings/recording.ts"
import { runCommand } from "../support/command.ts"

const finding = {
  rule: "scope-closed-early",
  severity: "error",
  message: "Scope closed.",
  code: { function: "open", file: "/app/src/routes.ts", line: 15 },
  count: 1,
} as const

const workspace = "/app"

const folder = mkdtempSync(join(tmpdir(), "scopeline-annotations-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A recording that knows where the scope was opened. */
const recording = join(folder, "placed.jsonl")
writeFileSync(
  recording,
  linesOf(
    broken.map((span) =>
      span.name === "handler"
        ? {
            ...span,
            attributes: {
              ...span.attributes,
              [CODE_FUNCTION]: "openBroken",
              [CODE_FILE]: `${workspace}/src/routes.ts`,
              [CODE_LINE]: 15,
            },
          }
        : span,
    ),
  ),
)

describe("annotations for GitHub Actions", () => {
  it("name the place from the root of the repository, the rule and how often it was found", () => {
    const warning = { ...finding, severity: "warning", count: 3 } as const
    expect(annotationLines([warning, finding], workspace)).toEqual([
      "::error file=src/routes.ts,line=15,title=scope-closed-early in open::Scope closed.",
      "::warning file=src/routes.ts,line=15,title=scope-closed-early in open::Scope closed. (found 3 times)",
    ])
  })

  it("are none of what has no place in the code, and ten of a kind at most", () => {
    const placeless = { ...finding, code: { ...finding.code, file: undefined } }
    expect(annotationLines([placeless, { ...finding, code: undefined }], workspace)).toEqual([])
    expect(annotationLines(Array(30).fill(finding), workspace)).toHaveLength(10)
  })

  it("let no text from outside be another command or property", () => {
    const hostile = "a::set-env name=x::y,line=1%0A\n::error::forged\r\u2028"
    const lines = annotationLines(
      [
        {
          ...finding,
          rule: hostile,
          message: hostile,
          code: { function: hostile, file: `/tmp/${hostile}`, line: 1 },
        },
      ],
      workspace,
    )
    expect(lines).toHaveLength(1)
    const [line = ""] = lines
    expect(line).not.toMatch(/[\n\r\u2028]/)
    const [, properties = "", message = ""] = /^::error (.*?)::(.*)$/.exec(line) ?? []
    expect(properties.split(",").map((it) => it.split("=")[0])).toEqual(["file", "line", "title"])
    expect(properties).not.toContain(":")
    expect(message).toContain("%250A")
  })

  it("are printed on stderr under GitHub Actions, and nowhere else", async () => {
    const words = ["diagnose", recording, "--json"]
    const github = await runCommand(words, {
      variables: { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: workspace },
    })
    expect(github.stderr).toMatch(
      /^::error file=src\/routes\.ts,line=15,title=scope-closed-early in openBroken::Scope "handler"/,
    )
    expect(JSON.parse(github.stdout)).toMatchObject({ findings: [{ rule: "scope-closed-early" }] })
    const elsewhere = await runCommand(words)
    expect(elsewhere.stderr).toBe("")
    expect(
      (await runCommand(["diagnose", capture("1.15.3")], { variables: { GITHUB_ACTIONS: "true" } }))
        .stderr,
    ).toBe("")
  })
})
