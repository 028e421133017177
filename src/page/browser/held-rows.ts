import type { ExchangeRow } from "../snapshot.ts"

interface RowsShown {
  readonly rows: ReadonlyArray<ExchangeRow>
  /** Rows that have come and are held back. */
  readonly waiting: ReadonlyArray<ExchangeRow>
}

/**
 * The rows that may be in the list. While the reader looks at something, nothing may move: existing rows still
 * change, and new ones wait.
 */
export class HeldRows {
  #held: ReadonlyArray<ExchangeRow> | undefined

  /** `still` is true while nothing may move. */
  show(rows: ReadonlyArray<ExchangeRow>, still: boolean): RowsShown {
    if (!still || this.#held === undefined) {
      this.#held = rows
      return { rows, waiting: [] }
    }
    const byId = new Map(rows.map((row) => [row.id, row]))
    const shown = this.#held.map((row) => byId.get(row.id) ?? row)
    for (const { id } of shown) byId.delete(id)
    this.#held = shown
    return { rows: shown, waiting: [...byId.values()] }
  }

  /** Lets in what waits. */
  release(): void {
    this.#held = undefined
  }
}
