import { describe, expect, it } from "vitest"
import { groupFindings } from "../../../otel/lifetimes/finding.ts"
import { columnsOf } from "../../../otel/timeline/columns.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { catalogueLines } from "../../../src/commands/scenario/catalogue-text.ts"
import { outcomeSentenceOf, playedLines } from "../../../src/commands/scenario/text.ts"
import { paint } from "../../../src/commands/terminal/paint.ts"
import { scenarios } from "../../../src/scenarios/catalogue.ts"
import type { ScenarioRun } from "../../../src/scenarios/run.ts"
import { scenario } from "../../../src/scenarios/scope-closed-early.ts"
import { broken, matchOf } from "../../timeline/exchanges.ts"

const shown = (width: number) => paint(catalogueLines(scenarios, width), false)

describe("the catalogue for people", () => {
  it("has no line longer than 80 columns, and says all of it", () => {
    const text = shown(80)
    for (const line of text.trimEnd().split("\n")) {
      expect(columnsOf(line), line).toBeLessThanOrEqual(80)
    }
    const words = text.replace(/\s+/g, " ")
    for (const { rule, summary } of scenarios) {
      for (const { title } of rule.incidents) expect(words).toContain(title)
      expect(words).toContain(summary)
    }
  })

  it("lets incidents go on below each other where there is little room", () => {
    expect(shown(66)).toMatch(/^scope-closed-early +error +OpenCode #27391,\n +alchemy-run/m)
  })
})

const played = (more: Partial<ScenarioRun>): string => {
  const whole: ScenarioRun = {
    scenario,
    variant: "broken",
    findings: groupFindings([matchOf()]),
    expected: ["scope-closed-early"],
    asExpected: true,
    exchanges: [{ exchange: broken(), matches: [matchOf()] }],
    spans: [],
    ...more,
  }
  const lines = [
    ...playedLines(whole, 80, "scopeline"),
    ...paragraph(outcomeSentenceOf(whole), 0, 80, "plain"),
  ]
  return paint(lines, false).replace(/\n(?=\S)/g, " ")
}

describe("what became of a scenario", () => {
  it("is said to be what it is there to show", () => {
    expect(played({})).toContain(
      "This is what the scenario is there to show: scope-closed-early, and no other rule.",
    )
  })

  it("is said not to be that where the rule did not speak, or another did", () => {
    expect(played({ findings: [], asExpected: false })).toContain(
      "scope-closed-early was expected, and nothing found.",
    )
    expect(played({ variant: "fixed", expected: [], asExpected: false })).toContain(
      "nothing was expected, and scope-closed-early found.",
    )
  })

  it("names what the repair is, the program and the page, for either variant", () => {
    const repaired = { variant: "fixed", findings: [], expected: [] } as const
    for (const text of [played({}), played(repaired)]) {
      expect(text).toContain(`The repair: ${scenario.repair}`)
      expect(text).toContain("The program: src/scenarios/scope-closed-early.ts")
      expect(text).toContain("The page: docs/rules/scope-closed-early.md")
    }
    expect(played(repaired)).not.toContain(scenario.summary)
  })

  it("names the command for the other variant", () => {
    expect(played({})).toContain("\n  scopeline scenario run scope-closed-early --fixed\n")
    const silent = { variant: "fixed", findings: [], expected: [] } as const
    expect(played(silent)).toContain("\n  scopeline scenario run scope-closed-early\n")
  })
})
