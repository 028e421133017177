import type { ExchangeId, ExchangeRow } from "../page/snapshot.ts"

interface ListLimits {
  readonly open: number
  /** Ended exchanges without a finding. */
  readonly ended: number
  /** Ended exchanges with a finding. Those that are an example of one stay. */
  readonly found: number
}

const defaultLimits: ListLimits = { open: 10_000, ended: 5_000, found: 5_000 }

interface Changes {
  readonly put: ReadonlyArray<ExchangeRow>
  readonly gone: ReadonlyArray<ExchangeId>
}

type Part = keyof ListLimits

/** The exchanges that are listed. Ended exchanges without a finding are dropped first, and open ones last. */
export class ExchangeList {
  readonly #limits: ListLimits
  readonly #rows = new Map<ExchangeId, ExchangeRow>()
  /** Each in the order in which they came there. */
  readonly #parts: Readonly<Record<Part, Set<ExchangeId>>> = {
    open: new Set(),
    ended: new Set(),
    found: new Set(),
  }
  /** Open exchanges whose program is gone. */
  readonly #lastHeard = new Set<ExchangeId>()
  readonly #letGo: Record<Part, number> = { open: 0, ended: 0, found: 0 }
  readonly #changed = new Set<ExchangeId>()
  readonly #gone = new Set<ExchangeId>()
  readonly #isExample: (row: ExchangeRow) => boolean

  /** `isExample` says of a row whether it stands for a kind of findings. */
  constructor(isExample: (row: ExchangeRow) => boolean, limits: ListLimits = defaultLimits) {
    this.#isExample = isExample
    this.#limits = limits
  }

  /** The latest first. */
  get rows(): ReadonlyArray<ExchangeRow> {
    return [...this.#rows.values()].sort((a, b) => b.startedAt - a.startedAt)
  }

  get counts() {
    const { ended, found, open } = this.#letGo
    const listed = this.#parts.ended.size + this.#parts.found.size
    return {
      open: this.#parts.open.size - this.#lastHeard.size,
      lastHeard: this.#lastHeard.size,
      ended: listed + ended + found,
      letGo: ended + found,
      /** How many of these have a finding. */
      foundLetGo: found,
      openLetGo: open,
    }
  }

  row(id: ExchangeId): ExchangeRow | undefined {
    return this.#rows.get(id)
  }

  put(row: ExchangeRow): void {
    const { id, state } = row
    const known = this.#rows.get(id)
    if (known !== undefined && isSame(known, row)) return
    const part = partOf(row)
    if (known !== undefined && partOf(known) !== part) this.#parts[partOf(known)].delete(id)
    this.#parts[part].add(id)
    if (state === "last heard") this.#lastHeard.add(id)
    else this.#lastHeard.delete(id)
    this.#rows.set(id, row)
    this.#changed.add(id)
    this.#gone.delete(id)
  }

  /** Keeps to the limits. Gives those that are not listed any more. */
  letGo(): ReadonlyArray<ExchangeId> {
    return [...this.#letGoOf("ended"), ...this.#letGoOf("found"), ...this.#letGoOf("open")]
  }

  #letGoOf(part: Part): ReadonlyArray<ExchangeId> {
    const ids = this.#parts[part]
    const gone: Array<ExchangeId> = []
    if (ids.size <= this.#limits[part]) return gone
    for (const id of ids) {
      if (ids.size <= this.#limits[part]) break
      const row = this.#rows.get(id)
      if (part === "found" && row !== undefined && this.#isExample(row)) continue
      ids.delete(id)
      this.#lastHeard.delete(id)
      this.#rows.delete(id)
      this.#changed.delete(id)
      this.#gone.add(id)
      this.#letGo[part] += 1
      gone.push(id)
    }
    return gone
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

const partOf = ({ endedAt, kinds }: ExchangeRow): Part => {
  if (endedAt === undefined) return "open"
  return kinds.length > 0 ? "found" : "ended"
}

const isSame = (a: ExchangeRow, b: ExchangeRow): boolean => JSON.stringify(a) === JSON.stringify(b)
