import { describe, expect, it } from "vitest"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { columnsOf } from "../../otel/timeline/columns.ts"
import type { Panel } from "../../otel/timeline/layout.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { drawLines, drawText } from "../../otel/timeline/text.ts"
import {
  at,
  broken,
  clientOf,
  cutOffLate,
  exchangeOf,
  fixed,
  leaked,
  matchOf,
  orphaned,
  scopeOf,
  streamRunOf,
  subscriptionOf,
  unseenDisconnect,
} from "./exchanges.ts"

const panel = (
  title: string,
  exchange: Exchange,
  ...matches: Parameters<typeof layoutOf>[1][]
) => ({
  title,
  layout: layoutOf(
    exchange,
    matches.flatMap((it) => [...it]),
  ),
})

const comparison = (): ReadonlyArray<Panel> => [
  { ...panel("broken", broken(), [matchOf()]), note: "the stream ended by itself after 1.9 ms" },
  { ...panel("fixed", fixed()), note: "FIXED_SSE=1" },
]

const open = (): ReadonlyArray<Panel> => [
  panel("disconnect unseen", unseenDisconnect(), [
    matchOf({ rule: "disconnect-unseen", stream: undefined, spanIds: ["e1"] }),
  ]),
  panel("leaked", leaked(), [
    matchOf({ rule: "subscription-leak", stream: undefined, spanIds: ["r1"] }),
  ]),
]

const apart = (): ReadonlyArray<Panel> => [
  panel("ten minutes", cutOffLate(), [
    matchOf(),
    matchOf({ rule: "slow-consumer", severity: "warning", stream: undefined, spanIds: ["r1"] }),
  ]),
  panel("a millisecond", broken()),
]

const hostileText = "\u001b[2J\u202e\u0007evil\r\n日本語🚀\u2028\u0085"

const hostile = (): ReadonlyArray<Panel> => {
  const scope = scopeOf("s2", hostileText, 0.4, 0.9)
  const exchange = exchangeOf(0.3, 1.6, {
    route: hostileText,
    scopes: [scope],
    subscriptions: [subscriptionOf("r1", hostileText, scope, 0.6, 0.9)],
    streams: [
      streamRunOf("f1", hostileText, 1, 1.4, {
        endedBy: "failure",
        failure: { type: hostileText, message: hostileText.repeat(50), defect: undefined },
      }),
    ],
    client: clientOf(0, 1.9),
  })
  const layout = layoutOf(exchange, [
    matchOf({ rule: hostileText, message: hostileText.repeat(9) }),
  ])
  return [{ title: hostileText.repeat(9), note: hostileText, layout }]
}

/** Thirty scopes, each inside the one before. */
const deep = (): ReadonlyArray<Panel> => {
  const scopes = Array.from({ length: 30 }, (_, index) =>
    scopeOf(`s${index}`, `level ${index}`, index, 100 - index, { parent: `s${index - 1}` }),
  )
  return [panel("deep", exchangeOf(0, 100, { scopes }))]
}

const brief = (): Exchange => {
  const scope = scopeOf("s1", "request", 1, 1)
  return exchangeOf(1, 1, {
    scopes: [scope],
    subscriptions: [subscriptionOf("r1", "bus", scope, 1, 1)],
    streams: [streamRunOf("f1", "event", 1, 1, { firstEventAt: at(1), events: 1 })],
    client: clientOf(1, 1),
  })
}

const lineOf = (text: string, label: string): string =>
  text.split("\n").find((line) => line.includes(label)) ?? ""

describe("the drawing", () => {
  it.each([80, 120])("shows broken and fixed side by side in %i columns", async (width) => {
    const file = `__snapshots__/broken-and-fixed.${width}.txt`
    await expect(drawText(comparison(), width)).toMatchFileSnapshot(file)
  })

  it.each([80, 120])("shows open lifetimes in %i columns", async (width) => {
    await expect(drawText(open(), width)).toMatchFileSnapshot(`__snapshots__/open.${width}.txt`)
  })

  it("shows ten minutes beside a millisecond", async () => {
    await expect(drawText(apart(), 100)).toMatchFileSnapshot("__snapshots__/far-apart.100.txt")
  })

  it("shows a fiber that nothing owns", async () => {
    const orphan = matchOf({
      rule: "orphan-fiber",
      severity: "warning",
      stream: undefined,
      spanIds: ["o1"],
    })
    await expect(drawText([panel("orphaned", orphaned(), [orphan])], 100)).toMatchFileSnapshot(
      "__snapshots__/orphaned.100.txt",
    )
  })

  it("never has a line longer than the width, whatever is drawn", () => {
    for (const panels of [comparison(), open(), apart(), hostile(), deep()]) {
      for (let width = 40; width <= 200; width += 1) {
        for (const line of drawText(panels, width).split("\n")) {
          expect(columnsOf(line), line).toBeLessThanOrEqual(width)
        }
      }
    }
  })

  it("counts a width below 40 as 40", () => {
    expect(drawText(comparison(), 3)).toBe(drawText(comparison(), 40))
  })

  it("lets no control character through", () => {
    for (const line of drawLines(hostile(), 100)) {
      for (const { text } of line) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }
    expect(drawText(hostile(), 100)).toContain("\\u001b[2J")
  })

  it("has no spaces at the end of a line", () => {
    for (const panels of [comparison(), open(), apart()]) {
      expect(drawText(panels, 80)).not.toMatch(/ $/m)
    }
  })

  it("says the same in segments as in text", () => {
    const lines = drawLines(comparison(), 80).map((line) => line.map(({ text }) => text).join(""))
    expect(`${lines.join("\n")}\n`).toBe(drawText(comparison(), 80))
  })

  it("is empty where there is nothing to draw", () => {
    expect(drawText([], 80)).toBe("")
  })
})

describe("a row", () => {
  it("of an exchange in which nothing was seen stands alone", () => {
    const text = drawText([panel("empty", exchangeOf(0, 0, { status: undefined }))], 80)
    expect(lineOf(text, "GET /event")).toMatch(/^GET \/event {2}┃ +0\.00 ms$/)
  })

  it("of no length has one column and its sign", () => {
    const text = drawText([panel("brief", brief()), panel("fixed", fixed())], 80)
    const rows = text.split("\n").slice(3, 8)
    expect(rows.map((line) => line.slice(24).trim()[0])).toEqual(["│", "┃", "✕", "▒", "║"])
  })

  it("that is still open runs off the right edge and says so", () => {
    const line = lineOf(drawText(open(), 80), "stream event")
    expect(line).toMatch(/╞═+ 3 events ═+► +open$/)
  })

  it("that is open although its scope has closed shows the close", () => {
    const scope = scopeOf("s1", "stuck", 0, undefined, { closedAt: at(1) })
    const text = drawText([panel("stuck", exchangeOf(0, 9, { scopes: [scope] }))], 80)
    expect(lineOf(text, "scope stuck")).toMatch(/├─+✕╌+► +open$/)
  })

  it("that began before the axis comes in from the left edge", () => {
    const scope = scopeOf("s1", "application", -500, 5)
    const text = drawText([panel("early", exchangeOf(0, 9, { scopes: [scope] }))], 80)
    expect(lineOf(text, "scope application")).toMatch(/◄─+✕ +505 ms$/)
  })

  it("ends where it began when its clock went backwards", () => {
    const text = drawText(
      [panel("backwards", exchangeOf(0, 9, { scopes: [scopeOf("s1", "odd", 5, 2)] }))],
      80,
    )
    expect(lineOf(text, "scope odd")).toMatch(/ ✕ /)
  })

  it("has a label cut with an ellipsis where it is too long", () => {
    const scope = scopeOf("s1", "a name that goes on and on and on", 0, 5)
    const text = drawText([panel("long", exchangeOf(0, 9, { scopes: [scope] }))], 80)
    expect(lineOf(text, "scope a name")).toMatch(/^└ scope a name that goe… {2}├/)
  })
})

describe("the row of a client", () => {
  const received = (events: number, ownEvents: number) => {
    const client = clientOf(0, 9, { events, ownEvents })
    return drawText([panel("one", exchangeOf(0, 9, { client }))], 120)
  }

  it("says what the server sent of its own accord, which is not counted", () => {
    expect(received(0, 2)).toContain(" received 0 events + 2 own ")
    expect(received(0, 2)).toContain("own sent by the server itself")
    expect(received(1, 0)).toMatch(/ received 1 event ┄/)
    expect(received(1, 0)).not.toContain("own")
  })
})

describe("a tie", () => {
  const column = (line: string, sign: string) => Array.from(line).indexOf(sign)

  it("leads from the close through the release to a stream that began later", () => {
    const text = drawText(comparison(), 120)
    const closed = column(lineOf(text, "scope handler"), "✕")
    expect(closed).toBeGreaterThan(0)
    expect(column(lineOf(text, "subscription bus"), "┨")).toBe(closed)
    expect(lineOf(text, "stream event").slice(closed)).toMatch(/^╰╌*▸╞/)
  })

  it("falls through the rows between onto a stream that was running", () => {
    const text = drawText(apart(), 120)
    const released = column(lineOf(text, "subscription bus"), "┨")
    expect(column(lineOf(text, "scope other"), "╎")).toBe(released)
    expect(column(lineOf(text, "subscription quick"), "╎")).toBe(released)
    expect(column(lineOf(text, "stream event"), "╧")).toBe(released)
  })

  it("is not drawn onto a stream that ended for another reason", () => {
    expect(drawText([panel("fixed", fixed())], 120)).not.toMatch(/[╎╰╧╘╛]/)
  })
})

describe("a finding", () => {
  it("stands below its row at its moment, with its whole sentence", () => {
    const lines = drawText(comparison(), 120).split("\n")
    const row = lines.findIndex((line) => line.startsWith("└ stream event"))
    const pointer = lines[row + 1] ?? ""
    expect(pointer.indexOf("╰─ scope-closed-early · error · certain")).toBe(
      lines[row]?.indexOf("╡"),
    )
    const below = lines
      .slice(row + 2, row + 6)
      .join(" ")
      .replaceAll(/ +/g, " ")
    expect(below).toContain(matchOf().message)
  })

  it("near the right edge has its name on the left of its moment", () => {
    expect(drawText(open(), 80)).toMatch(/^│ +disconnect-unseen · error · certain ─╯$/m)
  })

  it("has its name below its moment where neither side has room", () => {
    expect(drawText(open(), 40)).toMatch(/^│ +▲\n│ +disconnect-unseen · error · certain$/m)
  })
})

describe("the legend", () => {
  it("explains only the signs that are used", () => {
    const healthy = drawText([panel("fixed", { ...fixed(), client: undefined })], 120)
    expect(healthy).toContain("✕ scope closes")
    expect(healthy).not.toContain("cuts off")
    expect(healthy).not.toContain("still open")
    expect(healthy).not.toContain("┄")
    expect(drawText(open(), 120)).toContain("► still open")
    expect(drawText(comparison(), 120)).toContain("╎ ╰ what that cuts off")
  })

  it("explains a bar that runs in from the left only where there is one", () => {
    const note = "◄ began before the request arrived"
    expect(drawText(comparison(), 120)).toContain(note)
    const alone = { ...broken(), client: undefined }
    expect(drawText([panel("broken", alone, [matchOf()])], 120)).not.toContain("◄")
  })
})
