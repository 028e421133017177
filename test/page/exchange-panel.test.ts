import { describe, expect, it } from "vitest"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { foremostPanels } from "../../src/page/exchange-panel.ts"
import { broken, fixed, matchOf } from "../timeline/exchanges.ts"

describe("the drawings", () => {
  it("begin with the exchanges about which something was found", () => {
    const healthy = { exchange: fixed(), matches: [] }
    const ill = { exchange: broken(), matches: [matchOf()] }
    const panels = foremostPanels([healthy, ill, healthy], 2)
    expect(panels.map(({ layout }) => layout.findings.length)).toEqual([1, 0])
    expect(panels[1]?.layout).toEqual(layoutOf(fixed(), []))
  })

  it("stand in order of time, and say which is which", () => {
    const later = { exchange: { ...broken(), startedAt: broken().startedAt + 1 }, matches: [] }
    const ill = { ...later, matches: [matchOf()] }
    const panels = foremostPanels([ill, { exchange: fixed(), matches: [] }], 3)
    expect(panels.map(({ note }) => note?.split(" ")[0])).toEqual(["first", "second"])
    expect(panels.map(({ layout }) => layout.findings.length)).toEqual([0, 1])
    expect(foremostPanels([ill], 3)[0]?.note).toMatch(/^trace /)
  })
})
