import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { HTTP_ROUTE } from "../../../otel/attributes.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { plainText } from "../../../otel/timeline/segment.ts"
import { recordingsPairs } from "../../../src/commands/compare/recordings-panels.ts"
import { recordingsReport } from "../../../src/commands/compare/recordings-report.ts"
import {
  recordingsLines,
  recordingsVerdict,
  recordingsVerdictLines,
} from "../../../src/commands/compare/recordings-text.ts"
import { diagnoseSource } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { compareDiagnoses } from "../../../src/recordings/finding-changes.ts"
import { broken, fixed, leftBehind, renamed, server, span } from "../../lifetimes/spans.ts"
import { linesOf, textSource } from "../../recordings/recording.ts"

const read = (traces: ReadonlyArray<ReadonlyArray<Span>>) =>
  Effect.runPromise(
    diagnoseSource(textSource(linesOf(...traces.map((spans, index) => renamed(spans, index)))), {
      keepTraces: true,
      listRoutes: true,
    }),
  )

const compared = async (
  before: ReadonlyArray<ReadonlyArray<Span>>,
  after: ReadonlyArray<ReadonlyArray<Span>>,
) => compareDiagnoses(await read(before), await read(after))

const onRoute = (route: string, spans: ReadonlyArray<Span>) =>
  spans.map((one) =>
    one.kind === "server"
      ? { ...one, attributes: { ...one.attributes, [HTTP_ROUTE]: route } }
      : one,
  )

const panelsOf = async (...recordings: Parameters<typeof compared>) =>
  recordingsPairs(await compared(...recordings))
    .flat()
    .map(({ title, note }) => `${title} ${note?.split(" · ")[0]}`)

describe("the timelines of two recordings", () => {
  it("are those of the routes that findings speak of, before and after", async () => {
    const health = onRoute("/health", [server([0, 1])])
    expect(await panelsOf([health, broken], [health, fixed])).toEqual([
      "before GET /event",
      "after GET /event",
    ])
  })

  it("are of three routes at most, new findings first", async () => {
    const routes = ["/a", "/b", "/c", "/d"]
    const before = [...routes.map((route) => onRoute(route, broken)), onRoute("/e", fixed)]
    const after = [...routes.map((route) => onRoute(route, fixed)), onRoute("/e", broken)]
    expect(await panelsOf(before, after)).toEqual([
      "before GET /e",
      "after GET /e",
      "before GET /a",
      "after GET /a",
      "before GET /b",
      "after GET /b",
    ])
  })

  it("are of a stream that both have, where nothing was found", async () => {
    const health = onRoute("/health", [server([0, 1])])
    expect(await panelsOf([health, fixed], [health, fixed])).toEqual([
      "before GET /event",
      "after GET /event",
    ])
    expect(await panelsOf([health], [health])).toEqual([])
  })

  it("are of one side alone where the other has no exchange of that route", async () => {
    expect(await panelsOf([broken], [[span("work", [0, 1])]])).toEqual(["before GET /event"])
    expect(await panelsOf([leftBehind], [fixed])).toEqual([])
  })
})

describe("what became of the findings, for people", () => {
  it("fits into the width, and says at length only what is new", async () => {
    const routes = ["/a", "/b"]
    const changed = await compared(
      [onRoute("/a", broken), onRoute("/c", broken), onRoute("/b", fixed)],
      [...routes.map((route) => onRoute(route, broken)), onRoute("/c", fixed)],
    )
    const text = plainText([
      ...recordingsLines(changed, 80),
      ...recordingsVerdictLines(changed, 80),
    ])
    for (const heading of ["New in AFTER (1)", "Still there (1)"]) {
      expect(text).toContain(`${heading}\nscope-closed-early · error · certain · once\n`)
    }
    expect(text).toContain("Gone (1)\n✓ scope-closed-early · gone · found once\n")
    expect(text.match(/how to fix it/g)).toHaveLength(1)
    expect(text.trimEnd()).toMatch(/\n1 new finding; 1 gone, 1 still there\.$/)
    const code = /^ {4,}/
    for (const line of text.split("\n")) {
      if (!code.test(line)) expect(line.length).toBeLessThanOrEqual(80)
    }
  })

  it("does not call a recording good of which nothing could be judged", async () => {
    const nothing = [[span("work", [0, 1])]]
    const verdict = recordingsVerdict(await compared([fixed], nothing))
    expect(verdict).toBe("No new finding; no exchange of AFTER could be judged.")
    const kinds = [nothing, [fixed], [broken]].map(
      async (after) => recordingsReport(await compared([fixed], after), []).outcome.kind,
    )
    expect(await Promise.all(kinds)).toEqual(["unknown", "good", "error"])
  })
})
