import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { diagnose } from "../../../otel/lifetimes/diagnose.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import {
  diagnoseSource,
  type SourceSettings,
} from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { broken, fixed, leaking, renamed, span } from "../../lifetimes/spans.ts"
import { found, linesOf, rulesOf, textSource } from "../recording.ts"

/** Traces that have nothing to do with the others, as large as a few windows. */
const between = Array.from({ length: 50 }, (_, number) => renamed(fixed, 1_000 + number))

/** Room for some ten traces. */
const limits = { window: 40_000, trace: 20_000 }

const read = async (
  text: string,
  { repeatable = true, ...settings }: SourceSettings & { readonly repeatable?: boolean } = {},
) => {
  const source = textSource(text, { repeatable, piece: 500 })
  const diagnosis = await Effect.runPromise(diagnoseSource(source, { limits, ...settings }))
  return { diagnosis, timesRead: source.timesRead() }
}

const apart = (spans: ReadonlyArray<Span>, first: number): string =>
  linesOf(spans.slice(0, first), ...between, spans.slice(first))

describe("a recording that is larger than what is held of it", () => {
  it("is read once where the spans of each trace are close together", async () => {
    const { diagnosis, timesRead } = await read(linesOf(broken, ...between))
    expect(timesRead).toBe(1)
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis).toMatchObject({ traces: 51, exchangesJudged: 51, notes: [] })
  })

  it("is read again where spans of a trace lie far apart, and judged as if they did not", async () => {
    for (const first of [1, 2, 3, 4, 5]) {
      const { diagnosis, timesRead } = await read(apart(broken, first))
      expect(timesRead).toBe(2)
      const whole = diagnose([...broken, ...between.flat()])
      expect(found(diagnosis)).toEqual(whole.findings)
      expect(diagnosis).toMatchObject({
        traces: whole.traces,
        spans: whole.spans,
        exchangesJudged: whole.exchangesJudged,
        notes: [],
      })
    }
  })

  it("is read again for a lifetime that is open, which is judged when the recording ends", async () => {
    const { diagnosis, timesRead } = await read(linesOf(leaking, ...between))
    expect(timesRead).toBe(2)
    expect(found(diagnosis)).toEqual(diagnose([...leaking, ...between.flat()]).findings)
  })

  it("is read as often as it takes to hold all that lies far apart", async () => {
    const many = Array.from({ length: 40 }, (_, number) => renamed(broken, number))
    const text = linesOf(
      ...many.map((spans) => spans.slice(0, 3)),
      ...between,
      ...many.map((spans) => spans.slice(3)),
    )
    const { diagnosis, timesRead } = await read(text)
    expect(timesRead).toBeGreaterThan(2)
    expect(found(diagnosis)).toEqual(diagnose([...many.flat(), ...between.flat()]).findings)
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 40]])
  })

  it("counts a span that comes again much later once", async () => {
    const { diagnosis } = await read(linesOf(broken, ...between, broken))
    expect(diagnosis.spans).toBe(broken.length + between.flat().length)
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
  })

  it("keeps the beginning of a trace that is too large, and says how much was left out", async () => {
    const endless = Array.from({ length: 500 }, (_, number) =>
      span(`work ${number}`, [5, 6], {
        below: "server",
        spanId: number.toString(16).padStart(16, "a"),
      }),
    )
    const { diagnosis } = await read(linesOf(broken, ...endless.map((one) => [one])))
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis.spans).toBe(506)
    expect(diagnosis.notes.join()).toMatch(
      /^1 trace is too large for memory: \d+ spans were left out\.$/,
    )
  })
})

describe("a source that can be read only once", () => {
  it("says how many spans came too late", async () => {
    const { diagnosis, timesRead } = await read(apart(broken, 4), { repeatable: false })
    expect(timesRead).toBe(1)
    expect(diagnosis.notes).toContain(
      "2 spans of 1 trace came long after the others and were given up; a file is read again instead.",
    )
  })

  it("has no such note where none did", async () => {
    const { diagnosis } = await read(linesOf(broken, ...between), { repeatable: false })
    expect(diagnosis.notes).toEqual([])
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
  })
})

describe("findings in many traces", () => {
  it("are one with a count and five examples, the earliest", async () => {
    const many = Array.from({ length: 1_000 }, (_, number) => renamed(broken, number))
    const { diagnosis } = await read(linesOf(...many.toReversed()))
    const [finding] = found(diagnosis)
    expect(finding?.count).toBe(1_000)
    expect(finding?.examples.map(({ traceId }) => traceId)).toEqual(
      many.slice(0, 5).map((spans) => spans[0]?.traceId),
    )
  })
})

describe("the traces that are kept of a recording", () => {
  it("are none where nobody asks for them", async () => {
    const { diagnosis } = await read(linesOf(broken))
    expect(diagnosis).toMatchObject({ kept: [], leftOut: 0 })
  })

  it("are whole where it was read again", async () => {
    for (const first of [1, 3, 5]) {
      const { diagnosis, timesRead } = await read(apart(broken, first), { keepTraces: true })
      expect(timesRead).toBe(2)
      const found = diagnosis.kept.filter(({ exchanges }) =>
        exchanges.some(({ matches }) => matches.length > 0),
      )
      expect(found.map(({ spans }) => spans.length)).toEqual([broken.length])
      expect(found[0]?.exchanges[0]?.matches).toHaveLength(1)
    }
  })
})
