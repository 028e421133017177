import { describe, expect, it } from "vitest"
import { type Axis, axisFor, positionOn, ticksOn } from "../../otel/timeline/axis.ts"

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

  it("gives the first millisecond room even beside ten minutes", () => {
    expect(positionOn(upTo(600_000), 1)).toBeGreaterThan(0.15)
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
    const labels = ticksOn(upTo(600_000), 100, labelWidth).map(({ label }) => label)
    expect(labels).toEqual(
      expect.arrayContaining(["0", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "1 min", "10 min"]),
    )
    expect(ticksOn(upTo(0.2), 60, labelWidth).map(({ label }) => label)).toContain("0.1 ms")
  })
})
