import { describe, expect, it } from "vitest"
import type { PageUpdate } from "../../src/page/snapshot.ts"
import { updated } from "../../src/page/update.ts"
import { emptySnapshot, plainRow } from "./snapshots.ts"

const { server, rev, now, steps, runs, counts, notes } = emptySnapshot

const update = (more: Partial<PageUpdate> = {}): PageUpdate => ({
  ...{ server, rev: rev + 1, now, steps, runs, counts, notes },
  ...{ put: [], gone: [], changed: [], ...more },
})

describe("an update of the page", () => {
  it("puts new rows first, changes those that are there, and takes away what is gone", () => {
    const before = { ...emptySnapshot, rows: [plainRow(2), plainRow(1)] }
    const put = [plainRow(3), plainRow(1, { status: 500 })]
    const after = updated(before, update({ put, gone: [plainRow(2).id] }))
    expect(after?.rows).toEqual([plainRow(3), plainRow(1, { status: 500 })])
    expect(after?.rev).toBe(rev + 1)
  })

  it("keeps what it does not tell of", () => {
    const before = { ...emptySnapshot, rows: [plainRow(1)], heldRest: 3 }
    const after = updated(before, update())
    expect(after?.rows).toBe(before.rows)
    expect(after?.heldRest).toBe(3)
  })

  it("asks for all of it where one is missing between, or another server sends", () => {
    expect(updated(emptySnapshot, update({ rev: rev + 2 }))).toBeUndefined()
    expect(updated(emptySnapshot, update({ server: "other" }))).toBeUndefined()
  })

  it("is nothing new where it came before", () => {
    expect(updated(emptySnapshot, update({ rev, put: [plainRow(1)] }))).toBe(emptySnapshot)
  })

  it("lists no more than 5,000 rows, the latest", () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => plainRow(5_000 - index))
    const after = updated({ ...emptySnapshot, rows }, update({ put: [plainRow(6_000)] }))
    expect(after?.rows).toHaveLength(5_000)
    expect(after?.rows[0]).toEqual(plainRow(6_000))
  })
})
