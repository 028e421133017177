import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { broken, fixed, renamed, traceId } from "../../lifetimes/spans.ts"
import { send } from "../../recordings/jaeger/answers.ts"
import { capture, linesOf } from "../../recordings/recording.ts"
import { type Ended, feed, runCommand, scopeline } from "../../support/command.ts"
import { Diagnosed, Finding } from "../../support/findings.ts"
import { jaegerStandIn } from "../../support/jaeger-stand-in.ts"

const FindingChange = Schema.Array(
  Schema.Struct({
    ...Finding.fields,
    note: Schema.optional(Schema.String),
  }),
)

/** Refuses a document that has any other field. */
const decode = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.Struct({
      before: Diagnosed,
      after: Diagnosed,
      difference: Schema.Struct({
        gone: FindingChange,
        new: FindingChange,
        notJudged: FindingChange,
      }),
      verdict: Schema.Literals(["no-new-findings", "new-findings"]),
    }),
  ),
  { onExcessProperty: "error" },
)

const compared = ({ code, stdout, stderr }: Ended) => {
  expect(stderr).toBe("")
  const { difference, verdict, ...recordings } = decode(stdout)
  const rulesOf = (differing: typeof FindingChange.Type) => differing.map(({ rule }) => rule)
  return {
    code,
    verdict,
    difference,
    ...recordings,
    rules: {
      gone: rulesOf(difference.gone),
      new: rulesOf(difference.new),
      notJudged: rulesOf(difference.notJudged),
    },
  }
}

const none = { gone: [], new: [], notJudged: [] }

const [old, recent] = [capture("1.14.48"), capture("1.15.3")]

let folder = ""

const written = async (name: string, ...traces: ReadonlyArray<ReadonlyArray<Span>>) => {
  const path = join(folder, name)
  await writeFile(path, linesOf(...traces))
  return path
}

let brokenFile = ""
let fixedFile = ""

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scopeline-compare-"))
  brokenFile = await written("broken.jsonl", broken)
  fixedFile = await written("fixed.jsonl", fixed)
})

afterAll(() => rm(folder, { recursive: true }))

/** In one line, as people read it. */
const flat = (text: string): string => text.replaceAll(/\s+/g, " ")

describe("scopeline compare BEFORE AFTER of two releases of OpenCode", () => {
  it("does not call the lost context gone, of which the later one can show nothing", async () => {
    const { stdout, ...ended } = await runCommand(["compare", old, recent])
    expect(ended).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/^── before · GET \/event · trace 05eab79762b1f4cfd2a86c1deb15312e ─/)
    const text = flat(stdout)
    expect(text).toContain("Not judged in AFTER (1) context-lost · error · certain · 2 times")
    expect(text).toContain("AFTER has no server span.")
    expect(text).toContain("Note on AFTER: No server span was found")
    expect(text).toContain("No new finding; 1 not judged in AFTER, where it may still be there.")
    expect(text).not.toContain("Gone")
  })

  it("exits with 1 the other way round", async () => {
    const { code, stdout } = await runCommand(["compare", recent, old])
    expect(code).toBe(1)
    expect(flat(stdout)).toContain("New in AFTER (1) context-lost · error · certain · 2 times")
    expect(stdout).toContain("1 new finding.")
  })

  it("says the same as one JSON document", async () => {
    const forth = compared(await runCommand(["compare", old, recent, "--json"]))
    expect(forth).toMatchObject({
      code: 0,
      verdict: "no-new-findings",
      rules: { ...none, notJudged: ["context-lost"] },
    })
    expect(forth.difference.notJudged[0]?.note).toBe("AFTER has no server span.")
    const back = compared(await runCommand(["compare", recent, old, "--json"]))
    expect(back).toMatchObject({
      code: 1,
      verdict: "new-findings",
      rules: { ...none, new: ["context-lost"] },
    })
    const { note, ...finding } = back.difference.new[0] ?? {}
    expect(note).toContain("may be older")
    expect(finding).toEqual(back.after.findings[0])
  })

  it("has each recording as diagnose prints it", async () => {
    const [both, before, after] = await Promise.all([
      runCommand(["compare", old, recent, "--json"]),
      runCommand(["diagnose", old, "--json"]),
      runCommand(["diagnose", recent, "--json"]),
    ])
    const document = JSON.parse(both.stdout)
    expect(document.before).toEqual(JSON.parse(before.stdout))
    expect(document.after).toEqual(JSON.parse(after.stdout))
  })
})

describe("scopeline compare BEFORE AFTER of a program under the Layer", () => {
  it("calls a finding gone that AFTER could have shown, and draws both timelines", async () => {
    const { code, stdout } = await runCommand(["compare", brokenFile, fixedFile])
    expect(code).toBe(0)
    expect(stdout.match(/^── (before|after) · GET \/event · trace /gm)).toHaveLength(2)
    expect(flat(stdout)).toContain("Gone (1) ✓ scope-closed-early · gone · found once")
    expect(stdout).toContain("No new finding; 1 gone.")
  })

  it("says that a finding is still there, which is not new", async () => {
    const { code, stdout } = await runCommand(["compare", brokenFile, brokenFile])
    expect(code).toBe(0)
    expect(flat(stdout)).toContain("Still there (1) scope-closed-early · error · certain · once")
    expect(stdout).toContain("No new finding; 1 still there.")
  })

  it("is short where nothing was found", async () => {
    const { code, stdout } = await runCommand(["compare", fixedFile, fixedFile])
    expect(code).toBe(0)
    expect(stdout.split("\n").length).toBeLessThan(30)
    expect(stdout.trimEnd()).toMatch(/\nNo new finding\.$/)
  })

  it("shows nothing of a hostile name but its text", async () => {
    const hostile = await written(
      "hostile.jsonl",
      broken.map((span) => ({
        ...span,
        resource: { "service.name": "\u001b[2J\u009b31m\u202eevil" },
      })),
    )
    for (const more of [[], ["--json"]]) {
      const { stdout } = await runCommand(["compare", fixedFile, hostile, ...more])
      expect(stdout).toContain("evil")
      expect(stdout).not.toMatch(/[\u001b\u009b\u202e]/)
    }
  })
})

describe("scopeline compare of traces in Jaeger", () => {
  it.live("reads those whose addresses it is given, of the page or of the API", () =>
    Effect.gen(function* () {
      const { address } = yield* jaegerStandIn
      yield* send(address, linesOf([...renamed(fixed, 1), ...renamed(broken, 2)]))
      const page = `${address}/trace/${traceId("trace 1")}`
      const api = `${address}/api/v3/traces/${traceId("trace 2")}`
      const ended = yield* Effect.promise(() => runCommand(["compare", page, api, "--json"]))
      expect(compared(ended)).toMatchObject({
        code: 1,
        before: { traces: 1 },
        after: { traces: 1 },
        rules: { ...none, new: ["scope-closed-early"] },
      })
    }),
  )

  it.live("reads those of a service beside a file", () =>
    Effect.gen(function* () {
      const { address } = yield* jaegerStandIn
      const now = Date.now() * 1000
      const [first] = fixed
      const moved = fixed.map((span) => {
        const by = now - 1_000_000 - (first?.startedAt ?? 0)
        const events = span.events.map((event) => ({ ...event, time: event.time + by }))
        return { ...span, startedAt: span.startedAt + by, endedAt: span.endedAt + by, events }
      })
      yield* send(address, linesOf(moved))
      const words = ["compare", brokenFile, address, "--service", "test", "--lookback", "10m"]
      const ended = yield* Effect.promise(() => runCommand([...words, "--json"]))
      expect(compared(ended)).toMatchObject({
        code: 0,
        rules: { ...none, gone: ["scope-closed-early"] },
      })
    }),
  )
})

describe("scopeline compare - AFTER", () => {
  const start = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
    const stdin = new PassThrough()
    const command = yield* scopeline(["compare", ...words, "--json"], { stdin })
    const ended = Effect.map(command.ended, (code) => ({
      code,
      stdout: command.stdout(),
      stderr: command.stderr(),
    }))
    return { stdin, command, ended }
  })

  it.live("reads one of them from standard input", () =>
    Effect.gen(function* () {
      const { stdin, ended } = yield* start(brokenFile, "-")
      stdin.end(linesOf(fixed))
      expect(compared(yield* ended)).toMatchObject({
        code: 0,
        rules: { ...none, gone: ["scope-closed-early"] },
      })
    }),
  )

  it.live("exits with 1 when it is interrupted, and calls nothing gone", () =>
    Effect.gen(function* () {
      const { stdin, command, ended } = yield* start(brokenFile, "-")
      const many = Array.from({ length: 500 }, (_, number) => renamed(fixed, number))
      yield* feed(stdin, linesOf(...many))
      command.signal("SIGINT")
      const { difference, ...rest } = compared(yield* ended)
      expect(rest).toMatchObject({ code: 1, rules: { ...none, notJudged: ["scope-closed-early"] } })
      expect(difference.notJudged[0]?.note).toBe("AFTER was not read to its end.")
    }),
  )
})

describe("scopeline compare that is asked for what cannot be", () => {
  it("says in one line what to do, with exit code 2", async () => {
    for (const [words, reason] of [
      [[fixedFile], "One recording is not enough: name BEFORE and AFTER"],
      [["-", "-"], "Standard input holds one recording"],
      [
        [fixedFile, fixedFile, "--variants", "fixed"],
        "--variants is about the streams of this project",
      ],
      [[fixedFile, fixedFile, "--otlp", "http://127.0.0.1:1"], "--otlp is about the streams"],
      [["--wait", "1s"], "--wait is about the traces that --otlp sends"],
      [["--service", "test"], "--service is about two recordings: name BEFORE and AFTER"],
      [[fixedFile, fixedFile, "--service", "test"], "need the address of Jaeger"],
      [[fixedFile, join(folder, "none.jsonl")], "There is no file"],
      [["http://127.0.0.1:1/trace/xyz", fixedFile], "xyz is no trace id"],
      [["http://127.0.0.1:1/api/v3/traces/1", fixedFile], "cannot be reached"],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(["compare", ...words])
      expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: "" })
      expect(stderr.trim().split("\n")).toHaveLength(1)
      expect(stderr).toContain(reason)
    }
  }, 60_000)
})
