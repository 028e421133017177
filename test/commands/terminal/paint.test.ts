import { stripVTControlCharacters } from "node:util"
import { describe, expect, it } from "vitest"
import { groupFindings } from "../../../otel/lifetimes/finding.ts"
import { columnsOf } from "../../../otel/timeline/columns.ts"
import { differencesOf } from "../../../otel/timeline/difference.ts"
import { layoutOf } from "../../../otel/timeline/layout.ts"
import { drawLines, drawText } from "../../../otel/timeline/text.ts"
import { formatFindings, paint } from "../../../src/commands/terminal/paint.ts"
import { broken, fixed, matchOf } from "../../timeline/exchanges.ts"

const panels = () => [{ title: "broken", layout: layoutOf(broken(), [matchOf()]) }]

const suggestion = `Let the resource live as long as the body
that reads it:
  const connection = yield* Scope.fork(application)
  const subscription = yield* PubSub.subscribe(bus)   // in the connection's scope

Nothing else changes.`

const match = matchOf({
  suggestion,
  evidence: { scope: "handler", "scope.closed_ms": 0.6000000000000001, "survived.publish": true },
})

const plain = (width: number, ...matches: ReadonlyArray<typeof match>) =>
  formatFindings(groupFindings(matches), { width, color: false })

describe("paint", () => {
  it("adds colour and changes nothing else", () => {
    const painted = paint(drawLines(panels(), 100), true)
    expect(painted).toContain("\u001b[")
    expect(stripVTControlCharacters(painted)).toBe(drawText(panels(), 100))
  })

  it.each([80, 120])("colours the timelines of %i columns as they were", async (width) => {
    const both = [...panels(), { title: "fixed", layout: layoutOf(fixed(), []) }]
    const painted = paint(drawLines(both, width, { differences: differencesOf(both) }), true)
    const visible = painted.replaceAll("\u001b", "ESC")
    await expect(visible).toMatchFileSnapshot(`__snapshots__/coloured.${width}.txt`)
  })

  it("writes no escape sequence where colour is not wanted", () => {
    expect(paint(drawLines(panels(), 100), false)).toBe(drawText(panels(), 100))
  })
})

describe("findings for people", () => {
  it("say what, where, why and how to fix it", async () => {
    const warning = matchOf({
      rule: "late-subscription",
      severity: "warning",
      confidence: "likely",
    })
    const text = plain(80, match, match, warning)
    await expect(text).toMatchFileSnapshot("__snapshots__/findings.80.txt")
  })

  it("have no line of prose longer than the width, and the code as it is", () => {
    for (let width = 40; width <= 140; width += 1) {
      const text = plain(width, match)
      for (const line of text.split("\n")) {
        if (!line.includes("yield*")) expect(columnsOf(line), line).toBeLessThanOrEqual(width)
      }
      expect(text).toContain(
        "\n      const subscription = yield* PubSub.subscribe(bus)   // in the connection's scope\n",
      )
    }
  })

  it("let no control character through", () => {
    const evil = "\u001b[2J\u202e\u0007evil\r日本語\u2028"
    const text = plain(
      60,
      matchOf({
        rule: evil,
        route: evil,
        service: evil,
        operation: evil,
        message: evil,
        suggestion: evil,
        evidence: { [evil]: evil },
        exchange: { traceId: evil, spanId: evil },
        spanIds: [evil],
      }),
    )
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(text).toContain("\\u001b[2J")
  })

  it("are nothing where there are none", () => {
    expect(plain(80)).toBe("")
  })
})
