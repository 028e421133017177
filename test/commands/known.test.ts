import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { HTTP_ROUTE } from "../../otel/attributes.ts"
import { broken, fixed, leaking } from "../lifetimes/spans.ts"
import { linesOf } from "../recordings/recording.ts"
import { runCommand } from "../support/command.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-known-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (name: string, content: string): string => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}

const brokenFile = fileOf("broken.jsonl", linesOf(broken))
const fixedFile = fileOf("fixed.jsonl", linesOf(fixed))
const leakingFile = fileOf("leaking.jsonl", linesOf(leaking))

const knownIn = (name: string, ...known: ReadonlyArray<object>): string =>
  fileOf(name, JSON.stringify({ known }))

const accepted = { rule: "scope-closed-early", route: "GET /event", reason: "we know, see #12" }

describe("--known", () => {
  it("lists what is known with its reason, and does not fail for it", async () => {
    const known = knownIn("one.json", accepted)
    const { code, stdout } = await runCommand(["diagnose", brokenFile, "--known", known])
    expect(code).toBe(0)
    expect(stdout).toContain("Known (1)\n○ scope-closed-early · known · found once\n")
    expect(stdout).toContain("  we know, see #12\n")
    expect(stdout).toContain("1 exchange judged, no other finding, 1 known.")
    expect(stdout).not.toContain("how to fix it")
  })

  it("fails for what is not among it", async () => {
    const known = knownIn("other.json", { ...accepted, route: "GET /other" })
    const { code, stdout } = await runCommand(["diagnose", brokenFile, "--known", known])
    expect(code).toBe(1)
    expect(stdout).toContain(
      "Note: Known, but not found this time: scope-closed-early, GET /other (we know, see #12).",
    )
  })

  it("has it apart in JSON, in the report and in Markdown", async () => {
    const known = knownIn("apart.json", accepted)
    const [page, markdown] = [join(folder, "known.html"), join(folder, "known.md")]
    const words = ["diagnose", brokenFile, "--known", known, "--json"]
    const { stdout } = await runCommand([...words, "--report", page, "--markdown", markdown])
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [],
      known: [{ rule: "scope-closed-early", count: 1, reason: "we know, see #12" }],
    })
    const text = readFileSync(page, "utf8")
    expect(text).toContain("Known: we know, see #12")
    expect(text).toContain("No problems found")
    expect(readFileSync(markdown, "utf8")).toMatch(
      /\*\*Known \(1\)\*\*\n\n- scope-closed-early, found once · GET \/event · .*: we know, see \\#12\n/,
    )
  })

  it("is no annotation under GitHub Actions", async () => {
    const known = knownIn("quiet.json", accepted)
    const variables = { GITHUB_ACTIONS: "true" }
    const { stderr } = await runCommand(["diagnose", brokenFile, "--known", known], { variables })
    expect(stderr).toBe("")
  })

  it("makes a change pass that brings back what is known, and fail for anything else", async () => {
    const known = knownIn("change.json", accepted)
    const words = (after: string) => ["compare", fixedFile, after, "--known", known]
    const passing = await runCommand(words(brokenFile))
    expect(passing.code).toBe(0)
    expect(passing.stdout).toContain("Known (1)\n○ scope-closed-early")
    expect(passing.stdout).toMatch(/No new finding\.\n$/)
    expect((await runCommand(words(leakingFile))).code).toBe(1)
  })

  it.each([
    ["no JSON", "{", "cannot be followed"],
    ["a field that there is not", '{"known":[{"rul":"x","reason":"y"}]}', "cannot be followed"],
    ["no reason", '{"known":[{"rule":"orphan-fiber"}]}', "cannot be followed"],
    [
      "an entry that accepts everything",
      '{"known":[{"reason":"all"}]}',
      "accepts everything (all)",
    ],
    [
      "a rule that there is not",
      '{"known":[{"rule":"scope-close-early","reason":"y"}]}',
      "names a rule that is not there: scope-close-early. Did you mean scope-closed-early?",
    ],
  ])("refuses %s", async (name, content, why) => {
    const known = fileOf(`${name}.json`, content)
    const { code, stdout, stderr } = await runCommand(["diagnose", brokenFile, "--known", known])
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(`--known: ${known} ${why}`)
    expect(stderr.trimEnd()).not.toContain("\n")
  })

  it("refuses a file that is not there", async () => {
    const missing = join(folder, "missing.json")
    const { code, stderr } = await runCommand(["diagnose", brokenFile, "--known", missing])
    expect(code).toBe(2)
    expect(stderr).toBe(
      `--known: ${missing} does not exist. --write-known makes it from what is found.\n`,
    )
  })
})

describe("--write-known", () => {
  it("makes the file from what is found, with which the same passes from then on", async () => {
    const file = join(folder, "made.json")
    const words = ["diagnose", brokenFile, "--known", file]
    const made = await runCommand([...words, "--write-known"])
    expect(made.code).toBe(0)
    expect(made.stderr).toBe(`Known: 1 entry added to ${file}\n`)
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      known: [
        {
          rule: "scope-closed-early",
          route: "GET /event",
          operation: "scope handler",
          reason: expect.stringMatching(/^known since \d{4}-\d\d-\d\d$/),
        },
      ],
    })
    expect((await runCommand(words)).code).toBe(0)
    expect((await runCommand(["diagnose", leakingFile, "--known", file])).code).toBe(1)
  })

  it("writes names from outside so that no terminal obeys them, and knows them again", async () => {
    const name = "/event\u009b2J\u202e"
    const spans = broken.map((span) =>
      span.attributes[HTTP_ROUTE] === undefined
        ? span
        : { ...span, attributes: { ...span.attributes, [HTTP_ROUTE]: name } },
    )
    const file = join(folder, "named.json")
    const words = ["diagnose", fileOf("named.jsonl", linesOf(spans)), "--known", file]
    await runCommand([...words, "--write-known"])
    expect(readFileSync(file, "utf8")).toContain("/event\\u009b2J\\u202e")
    expect((await runCommand(words)).code).toBe(0)
  })

  it("writes a name of any length so that it is known again", async () => {
    const spans = broken.map((span) =>
      span.attributes[HTTP_ROUTE] === undefined
        ? span
        : { ...span, attributes: { ...span.attributes, [HTTP_ROUTE]: `/${"event".repeat(500)}` } },
    )
    const words = ["diagnose", fileOf("long.jsonl", linesOf(spans))]
    const file = join(folder, "long.json")
    await runCommand([...words, "--known", file, "--write-known"])
    expect((await runCommand([...words, "--known", file])).code).toBe(0)
  })

  it("keeps what is in the file, with its reason", async () => {
    const file = knownIn("kept.json", accepted)
    const words = ["--known", file, "--write-known"]
    expect((await runCommand(["diagnose", brokenFile, ...words])).stderr).toContain("0 entries")
    expect((await runCommand(["compare", fixedFile, leakingFile, ...words])).code).toBe(0)
    const { known } = JSON.parse(readFileSync(file, "utf8"))
    expect(known).toMatchObject([accepted, { rule: "subscription-leak" }])
  })

  it("needs a file, and leaves alone one that it cannot follow", async () => {
    const without = await runCommand(["diagnose", brokenFile, "--write-known"])
    expect(without).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("needs --known FILE"),
    })
    const own = fileOf("own.json", "mine")
    const refused = await runCommand(["diagnose", brokenFile, "--known", own, "--write-known"])
    expect(refused.code).toBe(2)
    expect(readFileSync(own, "utf8")).toBe("mine")
  })
})
