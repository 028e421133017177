import { describe, expect, it } from "vitest"
import { endSentence, newsText, waitingText } from "../../../src/commands/watch/news-text.ts"
import type { FindingKind } from "../../../src/page/snapshot.ts"
import { emptySnapshot, pageOf, recorded } from "../../page/snapshots.ts"

const [found] = pageOf(recorded("scope-closed-early")).snapshot.findings
if (found === undefined) throw new Error("the recording has no finding")

const sentence = (judged: number, ...findings: ReadonlyArray<Partial<FindingKind>>): string =>
  endSentence(
    {
      ...emptySnapshot,
      counts: { ...emptySnapshot.counts, open: 0, judged },
      findings: findings.map((more) => ({ ...found, ...more })),
    },
    1_000,
  )

describe("what is said at the end", () => {
  it.each([
    ["no exchange could be judged.", sentence(0)],
    ["3 exchanges judged, no problems found.", sentence(3)],
    ["1 exchange judged, 1 kind of problem found.", sentence(1, { state: "found" })],
    ["2 exchanges judged, 2 kinds of problems found.", sentence(2, {}, {})],
    ["1 exchange judged, no other problems found, 1 known.", sentence(1, { known: "old" })],
    [
      "2 exchanges judged, 1 kind of problem found, 1 kind found and gone, 1 known.",
      sentence(2, {}, { state: "gone" }, { known: "old" }),
    ],
    ["1 exchange judged, no problems found.", sentence(1, { known: "old", state: "withdrawn" })],
  ])("is %s", (expected, said) => {
    expect(said).toBe(`1.00 s: ${expected}`)
  })
})

describe("what is waited for after the first Ctrl-C", () => {
  it("is the program, with the exchanges that are open", () => {
    const open = [{ route: "GET /health" }, { route: "GET /event" }, { route: "GET /event" }]
    expect(waitingText("node main.ts", 4711, open)).toBe(
      `scopeline  Waiting for node main.ts (pid 4711) to end: 3 exchanges are open (GET /event ×2, GET /health ×1).
           Ctrl-C again kills it.`,
    )
    expect(waitingText("node main.ts", 4711, [])).toMatch(/ to end\.\n/)
    const routes = Array.from({ length: 7 }, (_, index) => ({ route: `GET /${index}` }))
    expect(waitingText("node main.ts", 4711, routes)).toContain("GET /4 ×1, 2 other routes)")
  })
})

describe("a finding in the terminal", () => {
  it.each(["still there", "back"] as const)("is said to be %s in a later run", (news) => {
    const options = { page: "http://127.0.0.1:4090", width: 100, directory: "/app" }
    expect(newsText({ news, at: found.lastAt, finding: found }, options)).toContain(
      `✕ scope-closed-early, ${found.route} is ${news}.`,
    )
  })

  it("names files from the folder in which watch was started, in its sentence too", () => {
    const message =
      "Scope (opened in open, /app/src/bus.ts:41) closed, /other/app/src/x.ts did not."
    const options = { page: "http://127.0.0.1:4090", width: 100, directory: "/app" }
    const text = newsText(
      { news: "finding", at: found.lastAt, finding: { ...found, message } },
      options,
    )
    expect(text).toContain("(opened in open, src/bus.ts:41)")
    expect(text).toContain("/other/app/src/x.ts")
  })

  it("has its file and line behind a function with the longest of names", () => {
    const place = { function: "f".repeat(3_000), file: "/app/src/bus.ts", line: 41 }
    const text = newsText(
      { news: "finding", at: found.lastAt, finding: { ...found, place } },
      { page: "http://127.0.0.1:4090", width: 100, directory: "/app" },
    )
    const [heading = ""] = text.split("\n")
    expect(heading).toContain("…, src/bus.ts:41")
    expect(heading.length).toBeLessThan(500)
  })
})

describe("what is held, in the terminal", () => {
  it.each([
    [{ name: "bus" }, "4 subscriptions bus, oldest 3.00 s"],
    [{ name: "unnamed" }, "4 unnamed subscriptions, oldest 3.00 s"],
    [
      { name: "bus", place: { function: "subscribe", file: "/app/src/bus.ts", line: 41 } },
      "4 subscriptions bus at subscribe, src/bus.ts:41, oldest 3.00 s",
    ],
  ])("is %o", (more, expected) => {
    const at = found.lastAt
    const place = {
      kind: "subscription",
      count: 4,
      oldestAt: at - 3_000_000,
      inLastMinute: 4,
      grew: true,
      ...more,
    }
    const options = { page: "http://127.0.0.1:4090", width: 100, directory: "/app" }
    expect(newsText({ news: "held", at, place }, options)).toContain(`held: ${expected}, grew 5`)
  })
})
