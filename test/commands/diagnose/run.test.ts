import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { capture } from "../../recordings/recording.ts"
import { runCommand } from "../../support/command.ts"
import { Diagnosed } from "../../support/findings.ts"

/** Refuses a document that has any other field. */
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Diagnosed), {
  onExcessProperty: "error",
})

describe("scopeline diagnose", () => {
  it("names what ended the event stream of OpenCode 1.14.48, once for both times", async () => {
    const { code, stdout, stderr } = await runCommand(["diagnose", capture("1.14.48"), "--json"])
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" })
    const document = decode(stdout)
    expect(document).toMatchObject({
      traces: 7,
      spans: 110,
      skippedLines: 0,
      exchangesJudged: 3,
      exchangesOpen: 0,
      notes: [expect.stringContaining("3 exchanges of opencode were recorded without Scopeline's")],
    })
    expect(document.findings).toHaveLength(1)
    expect(document.findings[0]).toMatchObject({
      rule: "context-lost",
      count: 2,
      route: "GET /event",
      operation: "EventHttpApi.subscribe",
    })
    expect(document.findings[0]?.examples).toHaveLength(2)
  })

  it("draws an example of each finding, and says it in words", async () => {
    const { code, stdout } = await runCommand(["diagnose", capture("1.14.48")])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^── GET \/event · trace 05eab79762b1f4cfd2a86c1deb15312e ─/)
    expect(stdout).toContain("context-lost · error · certain · 2 times")
    expect(stdout).toContain(
      "Read 110 spans of 7 traces: 3 exchanges judged, 1 finding (context-lost).",
    )
    expect(stdout).not.toContain("\u001b")
  })

  it("does not call OpenCode 1.15.3 healthy, of which no exchange can be judged", async () => {
    const { code, stdout } = await runCommand(["diagnose", capture("1.15.3")])
    expect(code).toBe(0)
    expect(stdout).toContain("No server span was found")
    expect(stdout).toContain("no exchange could be judged")
    expect(stdout).not.toContain("no problems found")
  })

  it("exits with 1 where nothing was judged, if that is required", async () => {
    const words = ["diagnose", capture("1.15.3"), "--json", "--require-judged"]
    const { code, stdout } = await runCommand(words)
    expect(code).toBe(1)
    expect(decode(stdout)).toMatchObject({ exchangesJudged: 0, findings: [] })
  })

  it("takes the words that are no source of that kind for a mistake", async () => {
    const { code, stdout, stderr } = await runCommand([
      "diagnose",
      capture("1.15.3"),
      "--service",
      "opencode",
    ])
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain("need the address of Jaeger")
  })

  it("says in one line why a source cannot be read, with exit code 2", async () => {
    for (const [source, reason] of [
      ["test/fixtures/none.jsonl", "There is no file test/fixtures/none.jsonl"],
      ["test/fixtures", "test/fixtures is a folder"],
      ["localhost:16686", "for Jaeger, write http://localhost:16686"],
      ["http://127.0.0.1:1", "Jaeger at http://127.0.0.1:1 cannot be reached"],
      ["http://127.0.0.1:1/trace/xyz", "xyz is no trace id"],
      ["LICENSE", "Nothing in LICENSE could be read: line 1: not JSON"],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(["diagnose", source])
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr.trim().split("\n")).toHaveLength(1)
      expect(stderr).toContain(reason)
    }
  }, 60_000)
})
