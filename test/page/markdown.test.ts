import { describe, expect, it } from "vitest"
import { findingMarkdown } from "../../src/page/view/markdown.ts"
import { pageOf, recorded } from "./snapshots.ts"

const { snapshot, details } = pageOf(recorded("scope-closed-early"))
const [kind] = snapshot.findings
const [detail] = details
if (kind === undefined) throw new Error("the recording has no finding")

describe("a finding as Markdown", () => {
  it("has the sentence, the place, the trace, the drawing, the evidence and the fix", () => {
    const place = { function: "openBroken", file: "/app/src/routes.ts", line: 15 }
    const text = findingMarkdown({ ...kind, place }, detail, {
      directory: "/app",
      environment: [["scopeline", "0.1.0"]],
    })
    for (const part of [
      /^### ✕ scope-closed-early \(error, certain, once\)$/m,
      /^Scope "handler" closed at [\d.]+ ms and released subscription "bus"/m,
      /^- Route: GET \/event · scope handler/m,
      /^- In the code: `openBroken src\/routes\.ts:15`$/m,
      /^- Trace: `[0-9a-f]{32}`$/m,
      /^- Rule: scope-closed-early: docs\/rules\/scope-closed-early\.md/m,
      /^```text\n[\s\S]*scope handler[\s\S]*\n```$/m,
      /^\| scope \| handler \|$/m,
      /^\*\*How to fix it\*\*\n\nRemove the Effect/m,
      /^```\nconst connection = yield\* Effect/m,
      /^scopeline 0\.1\.0$/m,
    ]) {
      expect(text).toMatch(part)
    }
  })

  it("lets no name from outside be markup, or end what it stands in", () => {
    const hostile = "`x` </b>[a](javascript:1) | **b** ``` @all #1"
    const text = findingMarkdown(
      {
        ...kind,
        rule: hostile,
        message: hostile,
        route: hostile,
        place: { function: hostile, file: undefined, line: undefined },
        evidence: { [hostile]: hostile },
        suggestion: `Text.\n\n  ${"`".repeat(3)}\n  code`,
      },
      undefined,
      {},
    )
    expect(text).toContain("In the code: ```` `x` </b>")
    expect(text.replace(/^- In the code.*$/m, "")).not.toMatch(
      /(?<!\\)(?:<\/b>|\]\(|\*\*b|@all|#1)/,
    )
    expect(text).toContain("````\n```\ncode\n````")
  })
})
