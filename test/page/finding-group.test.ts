import { describe, expect, it } from "vitest"
import { groupFindings } from "../../otel/lifetimes/finding.ts"
import { findingGroup } from "../../src/page/html/findings.ts"
import { matchOf } from "../timeline/exchanges.ts"

describe("the findings of a report", () => {
  it("are all there: those behind the first hundred in short", () => {
    const matches = Array.from({ length: 130 }, (_, number) =>
      matchOf({ route: `GET /r${number}` }),
    )
    const findings = groupFindings([...matches, ...matches]).map((finding) => ({ finding }))
    const { text } = findingGroup({ heading: "Findings", findings })
    expect(text.match(/<article/g)).toHaveLength(100)
    expect(text).toContain("<summary>30 more findings, in short</summary>")
    expect(text.match(/<li>\S+ · error · 2 times · GET \/r1\d\d · [^<]*<\/li>/g)).toHaveLength(30)
  })

  it("look like nothing to do where they are gone or known", () => {
    const findings = groupFindings([matchOf({})]).map((finding) => ({ finding, note: "why" }))
    for (const state of ["gone", "known"] as const) {
      const { text } = findingGroup({ heading: "Findings", findings, state })
      expect(text).toContain(`<small>${state} · found once</small>`)
      expect(text).toContain("<p>why</p>")
      expect(text).not.toContain("What to change")
      expect(text).not.toContain("error")
    }
  })
})
