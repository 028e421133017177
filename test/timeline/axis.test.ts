import { describe, expect, it } from "vitest"
import { type Axis, axisFor, momentAt, positionOn } from "../../otel/timeline/axis.ts"
import { ticksOn } from "../../otel/timeline/ticks.ts"

const ends = Array.from({ length: 400 }, (_, step) => 0.1 * 10 ** (step / 50))
const widths = [10, 20, 33, 47, 80, 200]
const labelWidth = (label: string) => label.length
const upTo = (end: number): Axis => axisFor([{ end, open: false }])

describe("the time axis", () => {
  it("places a later moment further right, whatever its end", () => {
    for (const end of ends) {
      const axis = upTo(end)
      const moments = Array.from({ length: 101 }, (_, step) => (end * step) / 100)
      const positions = moments.map((moment) => positionOn(axis, moment))
      expect(positions[0]).toBe(0)
      expect(positions.at(-1)).toBeCloseTo(1, 9)
      for (const [index, position] of positions.entries()) {
        if (index > 0) expect(position).toBeGreaterThan(positions[index - 1] ?? 0)
      }
    }
  })

  it("keeps moments before the origin and after the end inside", () => {
    expect(positionOn(upTo(10), -5)).toBe(0)
    expect(positionOn(upTo(10), 500)).toBe(1)
  })

  it("is even up to 1 ms and takes equal steps for tenfold times above", () => {
    const axis = upTo(1000)
    const step = (from: number, to: number) => positionOn(axis, to) - positionOn(axis, from)
    expect(step(0, 0.5)).toBeCloseTo(step(0.5, 1), 9)
    expect(step(1, 10)).toBeCloseTo(step(10, 100), 9)
    expect(step(10, 100)).toBeCloseTo(step(100, 1000), 9)
  })

  it("gives the first and the last millisecond room even beside an hour", () => {
    const hour = 3_600_000
    expect(positionOn(upTo(hour), 1)).toBeGreaterThan(0.1)
    expect(positionOn(upTo(hour), hour - 1)).toBeLessThan(0.9)
  })

  it("is even over a part that is looked at closely, and leaves the rest outside", () => {
    const part: Axis = { start: 10, end: 20, shape: "even" }
    expect([10, 15, 20].map((at) => positionOn(part, at))).toEqual([0, 0.5, 1])
    expect(positionOn(part, 9)).toBeLessThan(0)
    expect(positionOn(part, 1000)).toBeGreaterThan(1)
  })

  it("tells which moment stands at a position", () => {
    const part: Axis = { start: 10, end: 20, shape: "even" }
    for (const axis of [upTo(2.5), upTo(500), upTo(15_000), upTo(3_600_000), part]) {
      for (const position of [0, 0.1, 0.3, 0.5, 0.7, 0.99, 1]) {
        expect(positionOn(axis, momentAt(axis, position))).toBeCloseTo(position, 6)
      }
    }
  })

  it("ends at the last moment of all layouts, and goes on where one is open", () => {
    expect(
      axisFor([
        { end: 2, open: false },
        { end: 1013, open: false },
      ]),
    ).toEqual({ end: 1013 })
    expect(axisFor([{ end: 2, open: true }]).end).toBeGreaterThan(2)
    expect(axisFor([]).end).toBeGreaterThan(0)
  })
})

describe("ticks", () => {
  it("never overlap, stay inside and stand in order, whatever the end and the width", () => {
    for (const end of ends) {
      for (const width of widths) {
        let free = 0
        let before = -1
        for (const { at, label, labelStart } of ticksOn(upTo(end), width, labelWidth)) {
          expect(labelStart).toBeGreaterThanOrEqual(free)
          expect(labelStart + label.length).toBeLessThanOrEqual(width)
          expect(at).toBeGreaterThan(before)
          free = labelStart + label.length + 1
          before = at
        }
      }
    }
  })

  it("stand where the moment of their label stands", () => {
    const axis = upTo(600_000)
    for (const { at, position } of ticksOn(axis, 200, labelWidth)) {
      expect(position).toBeCloseTo(positionOn(axis, at) * 200, 9)
    }
  })

  it("name the moments that orient most in their own units", () => {
    const labels = ticksOn({ end: 600_000 }, 100, labelWidth).map(({ label }) => label)
    expect(labels).toEqual(
      expect.arrayContaining(["0", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min"]),
    )
    expect(ticksOn(upTo(0.2), 60, labelWidth).map(({ label }) => label)).toContain("0.1 ms")
  })

  it("count back from the end of what is long, and say how much is between", () => {
    const labels = ticksOn(upTo(3_600_000), 100, labelWidth).map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(["0", "1 ms", "⋯ 59 min 40 s ⋯", "−1 ms", "end"]))
  })

  it("are there on both sides of the break where there is little room", () => {
    const labels = ticksOn(upTo(3_600_000), 47, labelWidth).map(({ label }) => label)
    expect(labels.filter((label) => /^\d+ ms$/.test(label))).not.toEqual([])
    expect(labels.filter((label) => label.startsWith("−"))).not.toEqual([])
  })

  it("are round numbers in a part that is looked at closely", () => {
    const part: Axis = { start: 1.2, end: 1.7, shape: "even" }
    const labels = ticksOn(part, 100, labelWidth).map(({ label }) => label)
    expect(labels).toEqual(expect.arrayContaining(["1.2 ms", "1.5 ms", "1.7 ms"]))
  })
})
