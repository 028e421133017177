import type { ExchangeId, ExchangeRow } from "../page/snapshot.ts"

interface ListLimits {
  readonly open: number
  /** Ended ones that are no example of a finding. */
  readonly ended: number
}

const defaultLimits: ListLimits = { open: 10_000, ended: 5_000 }

interface Changes {
  readonly put: ReadonlyArray<ExchangeRow>
  readonly gone: ReadonlyArray<ExchangeId>
}

/** The exchanges that are listed. What has ended and is no example of a finding goes first. */
export class ExchangeList {
  readonly #limits: ListLimits
  readonly #rows = new Map<ExchangeId, ExchangeRow>()
  readonly #open = new Set<ExchangeId>()
  /** In the order in which they ended. */
  readonly #ended = new Set<ExchangeId>()
  readonly #changed = new Set<ExchangeId>()
  readonly #gone = new Set<ExchangeId>()
  readonly #isKept: (row: ExchangeRow) => boolean
  #endedInAll = 0
  #letGo = 0
  #foundLetGo = 0
  #openLetGo = 0

  /** `isKept` says of a row that has ended whether it is an example of a finding. */
  constructor(isKept: (row: ExchangeRow) => boolean, limits: ListLimits = defaultLimits) {
    this.#isKept = isKept
    this.#limits = limits
  }

  /** The latest first. */
  get rows(): ReadonlyArray<ExchangeRow> {
    return [...this.#rows.values()].sort((a, b) => b.startedAt - a.startedAt)
  }

  get counts() {
    return {
      open: this.#open.size,
      ended: this.#endedInAll,
      letGo: this.#letGo,
      /** Of these, those with a finding. */
      foundLetGo: this.#foundLetGo,
      openLetGo: this.#openLetGo,
    }
  }

  row(id: ExchangeId): ExchangeRow | undefined {
    return this.#rows.get(id)
  }

  put(row: ExchangeRow): void {
    const { id, state } = row
    const known = this.#rows.get(id)
    if (known !== undefined && isSame(known, row)) return
    this.#rows.set(id, row)
    this.#changed.add(id)
    this.#gone.delete(id)
    if (state === "ended") {
      if (this.#open.delete(id) || known === undefined) this.#endedInAll += 1
      this.#ended.add(id)
    } else this.#open.add(id)
  }

  /** Keeps to the limits. Gives those that are not listed any more. */
  letGo(): ReadonlyArray<ExchangeId> {
    const gone: Array<ExchangeId> = []
    let kept = 0
    if (this.#ended.size > this.#limits.ended) {
      for (const id of this.#ended) {
        if (this.#ended.size - kept <= this.#limits.ended) break
        const row = this.#rows.get(id)
        if (row !== undefined && this.#isKept(row)) kept += 1
        else {
          this.#ended.delete(id)
          this.#letGo += 1
          if (row !== undefined && row.kinds.length > 0) this.#foundLetGo += 1
          gone.push(id)
        }
      }
    }
    for (const id of this.#open) {
      if (this.#open.size <= this.#limits.open) break
      this.#open.delete(id)
      this.#openLetGo += 1
      gone.push(id)
    }
    for (const id of gone) this.#forget(id)
    return gone
  }

  #forget(id: ExchangeId): void {
    this.#rows.delete(id)
    this.#changed.delete(id)
    this.#gone.add(id)
  }

  /** What changed since this was asked last. */
  takeChanges(): Changes {
    const put = [...this.#changed].flatMap((id) => this.#rows.get(id) ?? [])
    const gone = [...this.#gone]
    this.#changed.clear()
    this.#gone.clear()
    return { put, gone }
  }
}

const isSame = (a: ExchangeRow, b: ExchangeRow): boolean => JSON.stringify(a) === JSON.stringify(b)
