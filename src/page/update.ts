import type { ExchangeRow, PageUpdate, Snapshot } from "./snapshot.ts"

/** The snapshot after an update; `undefined` if one is missing in between, or another server sent it. */
export const updated = (snapshot: Snapshot, update: PageUpdate): Snapshot | undefined => {
  if (update.server !== snapshot.server || update.rev > snapshot.rev + 1) return undefined
  if (update.rev <= snapshot.rev) return snapshot
  const { put, gone, changed: _, findings, held, heldRest, ...rest } = update
  return {
    ...snapshot,
    ...rest,
    rows:
      put.length === 0 && gone.length === 0 ? snapshot.rows : rowsAfter(snapshot.rows, put, gone),
    findings: findings ?? snapshot.findings,
    held: held ?? snapshot.held,
    heldRest: heldRest ?? snapshot.heldRest,
  }
}

/** A page lists no more than this; its server knows which are the most telling. */
const mostRows = 5_000

const rowsAfter = (
  rows: ReadonlyArray<ExchangeRow>,
  put: ReadonlyArray<ExchangeRow>,
  gone: ReadonlyArray<string>,
): ReadonlyArray<ExchangeRow> => {
  const byId = new Map<string, ExchangeRow>(rows.map((row) => [row.id, row]))
  for (const row of put) byId.set(row.id, row)
  for (const id of gone) byId.delete(id)
  return [...byId.values()].sort((a, b) => b.startedAt - a.startedAt).slice(0, mostRows)
}
