import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { groupFindings, isSameMatch, type Match } from "../../otel/lifetimes/finding.ts"

const match = (number: number, more: Partial<Match> = {}): Match => ({
  rule: "subscription-leak",
  severity: "error",
  confidence: "certain",
  service: "test",
  route: "GET /event",
  operation: "subscription bus",
  message: `message ${number}`,
  evidence: { number },
  suggestion: "release it",
  code: undefined,
  exchange: { traceId: `trace ${number}`, spanId: `server ${number}` },
  stream: undefined,
  spanIds: [`span ${number}`],
  ...more,
})

describe("findings", () => {
  it("are one for a thousand matches of one bug, with a count and five examples", () => {
    const findings = groupFindings(Array.from({ length: 1_000 }, (_, number) => match(number)))
    deepStrictEqual(
      findings.map(({ count, examples }) => [count, examples.length]),
      [[1_000, 5]],
    )
  })

  it("have the trace and the spans of each example", () => {
    const [finding] = groupFindings([match(1), match(2)])
    deepStrictEqual(finding?.examples, [
      { traceId: "trace 1", spanIds: ["span 1"] },
      { traceId: "trace 2", spanIds: ["span 2"] },
    ])
  })

  it.each<[string, Partial<Match>]>([
    ["routes", { route: "GET /other" }],
    ["services", { service: "other" }],
    ["rules", { rule: "scope-closed-early" }],
    ["operations", { operation: "subscription other" }],
  ])("are two where the %s are two", (_, more) => {
    strictEqual(groupFindings([match(1), match(2, more), match(3)]).length, 2)
  })

  it("speak with the first certain match where there is one", () => {
    const [finding] = groupFindings([match(1, { confidence: "likely" }), match(2), match(3)])
    deepStrictEqual(
      [finding?.confidence, finding?.message, finding?.evidence],
      ["certain", "message 2", { number: 2 }],
    )
  })

  it("are none for no match", () => {
    deepStrictEqual(groupFindings([]), [])
  })
})

describe("two matches of an exchange", () => {
  it("are the same where rule, operation and owner are", () => {
    strictEqual(isSameMatch(match(1), match(1, { message: "in other words" })), true)
  })

  it.each<[string, Partial<Match>]>([
    ["rule", { rule: "scope-closed-early" }],
    ["operation", { operation: "subscription other" }],
    ["owner", { spanIds: ["another"] }],
  ])("are two where the %s differs", (_, more) => {
    strictEqual(isSameMatch(match(1), match(1, more)), false)
  })
})
