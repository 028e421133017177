import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { type Freezable, frozenWithin } from "../../src/page/frozen.ts"
import type { ExchangeDetail, ExchangeId, ExchangeRow } from "../../src/page/snapshot.ts"
import { emptySnapshot, fileOf, pageOf, plainRow, recorded } from "./snapshots.ts"

const found = pageOf(recorded("scope-closed-early"))
const [example] = found.details
const [kind] = found.snapshot.findings
const [foundRow] = found.snapshot.rows
if (example === undefined || kind === undefined || foundRow === undefined)
  throw new Error("nothing was found")

const noise = (bytes: number) => randomBytes(bytes).toString("base64")

/** What cannot be compressed, of about so many characters. */
const detailOf = (id: ExchangeId, size: number): ExchangeDetail => ({
  ...example,
  id,
  spans: example.spans.slice(0, 1).map((span) => ({ ...span, name: noise(size) })),
})

const page = (rows: ReadonlyArray<ExchangeRow>, size: number): Freezable => ({
  snapshot: { ...emptySnapshot, rows: [...rows, foundRow], findings: [kind] },
  detail: async (id) => (id === foundRow.id ? example : detailOf(id, size)),
})

const rows = Array.from({ length: 40 }, (_, index) =>
  plainRow(40 - index, { route: `GET /${index % 4}` }),
)

describe("what a file holds", () => {
  it("is all of it where there is room, and then nothing is said", async () => {
    const { snapshot, details } = await frozenWithin(page(rows, 100), 1_000_000)
    expect(details).toHaveLength(41)
    expect(snapshot.notes).toEqual([])
  })

  it("is what tells most where there is no room for all: findings, what is open, then each route", async () => {
    const { endedAt: _, ...open } = plainRow(0)
    const { snapshot, details } = await frozenWithin(
      page([...rows, { ...open, state: "open" }], 2_000),
      30_000,
    )
    const kept = details.map(({ id }) => id)
    expect(kept.slice(0, 2)).toEqual([kind.examples[0], open.id])
    const routes = rows.filter(({ id }) => kept.includes(id)).map(({ route }) => route)
    expect(new Set(routes).size).toBeGreaterThan(2)
    expect(kept.length).toBeLessThan(20)
    expect(snapshot.rows).toHaveLength(42)
    expect(snapshot.notes).toEqual([
      expect.stringMatching(/^\d+ of 42 listed exchanges are kept whole in this file, those with/),
    ])
  })

  it("is an exchange without its spans where they are too many", async () => {
    const large = { snapshot: found.snapshot, detail: async () => detailOf(foundRow.id, 200_000) }
    const { snapshot, details } = await frozenWithin(large, 50_000)
    expect(details).toMatchObject([{ id: foundRow.id, spans: [], layout: example.layout }])
    expect(snapshot.notes).toEqual([
      "0 of 1 listed exchanges are kept whole in this file, those with a problem first, and 1 without their spans.",
    ])
  })

  it("is fewer rows where even the list has no room, and not those that are examples", async () => {
    const long = rows.map((row) => ({ ...row, words: noise(300) }))
    const { snapshot } = await frozenWithin(page(long, 100), 16_000)
    expect(snapshot.rows.length).toBeLessThan(40)
    expect(snapshot.rows).toContainEqual(foundRow)
    expect(snapshot.notes[0]).toBe(
      `${snapshot.rows.length} of 41 exchanges are listed in this file.`,
    )
  })

  it("is never more than 5 MB, also of what cannot be compressed", async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => plainRow(index))
    const details = many.map(({ id }) => detailOf(id, 20_000))
    const text = await fileOf({ snapshot: { ...emptySnapshot, rows: many }, details })
    expect(text.length).toBeLessThan(5_000_000)
    expect(text.length).toBeGreaterThan(3_000_000)
    expect(text).toMatch(/\d+ of 1000 listed exchanges are kept whole/)
  })
  it("is as small where a sender made thousands of findings long, and named its runs at length", async () => {
    const findings = Array.from({ length: 1_000 }, (_, index) => ({
      ...kind,
      id: `${index}`,
      message: noise(3_000),
    }))
    const runs = Array.from({ length: 10 }, (_, number) => ({
      number,
      service: noise(700_000),
      beganAt: 0,
    }))
    const { snapshot } = found
    const text = await fileOf({ snapshot: { ...snapshot, findings, runs }, details: [] })
    expect(text.length).toBeLessThan(5_000_000)
    expect(text).toMatch(/\d+ of 1000 kinds of findings are in this file\./)
  })
})
