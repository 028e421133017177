import { describe, expect, it } from "vitest"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { frozenWithin } from "../../src/page/frozen.ts"
import { frozenReport } from "../../src/page/frozen-report.ts"
import { findingsAlone, outcomeOf, type Report } from "../../src/page/report.ts"
import { recorded } from "./snapshots.ts"

const spans = recorded("scope-closed-early")
const { findings, exchanges } = diagnose(spans)

const report: Report = {
  title: "A report",
  outcome: outcomeOf(findings, true),
  verdict: ["What happened."],
  shown: ["All of that is shown."],
  timelines: [],
  findings: findingsAlone(findings),
  notes: ["A note."],
  runs: [{ exchanges, spans, judged: 20, open: 3 }],
  environment: [["node", "v24"]],
}

describe("the page of a report", () => {
  it("has each exchange as a row and whole, and each finding with its examples", async () => {
    const { snapshot, details } = await frozenWithin(frozenReport(report), 1_000_000)
    const [row] = snapshot.rows
    expect(details.map(({ id }) => id)).toEqual([row?.id])
    expect(snapshot.findings[0]).toMatchObject({
      rule: "scope-closed-early",
      state: "found",
      examples: [row?.id],
      count: 1,
    })
    expect(row?.kinds).toEqual([snapshot.findings[0]?.id])
    expect(snapshot.counts).toMatchObject({ judged: 20, open: 3 })
    expect(snapshot.verdict).toEqual(["What happened.", "All of that is shown."])
  })

  it("says what became of findings, and for which reason one is accepted", () => {
    const group = { heading: "", findings: findings.map((finding) => ({ finding, note: "Why." })) }
    const kindOf = (state: "new" | "gone" | "known") =>
      frozenReport({ ...report, findings: [{ ...group, state }] }).snapshot.findings[0]
    expect(kindOf("new")).toMatchObject({ state: "found", note: "Why." })
    expect(kindOf("gone")).toMatchObject({ state: "gone", note: "Why." })
    expect(kindOf("known")).toMatchObject({ state: "found", known: "Why." })
  })

  it("has the sides of a comparison as runs with names, and draws them beside each other", () => {
    const [side = report.runs[0]] = report.runs
    if (side === undefined) throw new Error("no run")
    const other = recorded("slow-consumer")
    const panels = [exchanges, diagnose(other).exchanges].flatMap((all) =>
      all.map(({ exchange, matches }) => ({
        title: exchange.route,
        layout: layoutOf(exchange, matches),
      })),
    )
    const { snapshot } = frozenReport({
      ...report,
      timelines: [{ heading: undefined, panels, compared: true }],
      runs: [
        { ...side, name: "before" },
        { exchanges: diagnose(other).exchanges, spans: other, name: "after" },
      ],
    })
    expect(snapshot.runs.map(({ name }) => name)).toEqual(["before", "after"])
    expect(new Set(snapshot.rows.map(({ run }) => run))).toEqual(new Set([1, 2]))
    const ids = new Set<string>(snapshot.rows.map(({ id }) => id))
    expect(snapshot.drawings?.[0]?.panels.every(({ id }) => ids.has(id))).toBe(true)
  })

  it("keeps the spans of a trace in which there is no exchange", async () => {
    const alone = spans.filter(({ kind }) => kind !== "server").slice(0, 2)
    const spansAlone = frozenReport({ ...report, runs: [{ exchanges: [], spans: alone }] })
    const { snapshot, details } = await frozenWithin(spansAlone, 1_000_000)
    expect(snapshot.rows[0]?.route).toContain("(no exchange)")
    expect(details[0]?.spans).toHaveLength(2)
  })
})
