import { describe, expect, it } from "vitest"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { differencesOf } from "../../otel/timeline/difference.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { foremostPanels } from "../../src/page/exchange-panel.ts"
import { reportDocument } from "../../src/page/html/document.ts"
import { findingsAlone, outcomeOf, type Report } from "../../src/page/report.ts"
import { picture } from "../../src/page/svg/picture.ts"
import { broken, clientOf, exchangeOf, fixed, matchOf } from "../timeline/exchanges.ts"
import { hostile, largeTrace } from "./large-trace.ts"

const panels = [
  { title: "broken", layout: layoutOf(broken(), [matchOf()]) },
  { title: "fixed", layout: layoutOf(fixed(), []) },
]

const comparison: Report = {
  title: "broken and fixed",
  outcome: { kind: "good", text: "As expected" },
  verdict: ["The stream ended."],
  timelines: [{ heading: undefined, panels, differences: differencesOf(panels) }],
  findings: [],
  notes: ["A note."],
  spans: [],
  environment: [["node", "v24"]],
}

const reportOf = (spans: ReadonlyArray<Span>): Report => {
  const { findings, exchanges } = diagnose(spans)
  const drawn = foremostPanels(exchanges, 10)
  return {
    ...comparison,
    outcome: outcomeOf(findings, true),
    timelines: [{ heading: undefined, panels: drawn, differences: new Map() }],
    findings: findingsAlone(findings),
    spans,
  }
}

const policyOf = (page: string): string =>
  /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ""

describe("the report", () => {
  it("lets nothing be fetched, sent or run but what it brings along", () => {
    const policy = policyOf(reportDocument(comparison))
    expect(policy).toMatch(/^default-src &#39;none&#39;; style-src &#39;sha256-\S+; script-src/)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
  })

  it("names what each drawing shows, in words and not in colour alone", () => {
    const page = reportDocument(comparison)
    for (const words of [
      "scope handler",
      "released by scope handler",
      "+ only here",
      "≠ differs",
    ]) {
      expect(page).toContain(words)
    }
  })

  it("says what events of the server's own are, where a client was sent any", () => {
    const panelOf = (ownEvents: number) => ({
      title: "a client",
      layout: layoutOf(exchangeOf(0, 10, { client: clientOf(0, 10, { ownEvents }) }), []),
    })
    const pageOf = (ownEvents: number) =>
      reportDocument({
        ...comparison,
        timelines: [{ heading: undefined, panels: [panelOf(ownEvents)], differences: new Map() }],
      })
    expect(pageOf(1)).toContain("sent by the server itself")
    expect(picture([panelOf(1)])).toContain("sent by the server itself")
    expect(pageOf(0)).not.toContain("sent by the server itself")
  })

  it("has no markup but its own, whatever the spans say", () => {
    const page = reportDocument(reportOf(largeTrace(50, hostile)))
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(page).not.toMatch(/<img|<b>|onload="|<i>/)
    expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202e\u2066]/u)
  })

  it("keeps no text that is too long to be read, neither as a name nor in a sentence", () => {
    const long = "x".repeat(100_000)
    const page = reportDocument({
      ...reportOf(largeTrace(4, { name: () => long, attributes: { [long]: long } })),
      title: long,
      notes: [long],
    })
    expect(page).toContain("scope-closed-early")
    expect(page).not.toMatch(/x{1001}/)
  })

  it("is written for 5,000 spans with long attributes in less than a second of work", () => {
    const report = reportOf(largeTrace(5_000, hostile))
    const before = process.cpuUsage()
    reportDocument(report)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1_000)
  })

  it("draws what was found first where there is too much to draw", () => {
    const page = reportDocument(reportOf(largeTrace(5_000)))
    expect(page).toContain("more lifetimes are not drawn")
    expect(page.match(/class="pointer"/g)?.length).toBeGreaterThan(0)
  })

  it("shows no table where there is no span", () => {
    expect(reportDocument(comparison)).toContain('<section aria-labelledby="spans" hidden>')
    expect(reportDocument({ ...comparison, spans: largeTrace(1) })).not.toContain('"spans" hidden>')
  })
})

describe("the picture", () => {
  it("stands for itself: its style is inside, and it refers to nothing", () => {
    const svg = picture(panels)
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|<script|href/)
    expect(svg).toContain("scope-closed-early · error · certain")
  })

  it("says in full how a client fared, and how its axis counts", () => {
    const facts = ["received 0 events + 1 own", "the server ended it"]
    const layout = layoutOf(broken(), [])
    const rows = layout.rows.map((row) => ({ ...row, facts }))
    const svg = picture([{ title: "broken", layout: { ...layout, rows } }])
    expect(svg).toContain(">received 0 events + 1 own, the server ended it<")
    expect(svg).toContain("Time: even up to 1 ms, then tenfold steps.")
  })
})
