import { RecentMap } from "./recent-map.ts"
import { isWithin } from "./sampling.ts"

/** Decides, trace by trace, which ended spans and lifetimes are exported. */
export interface Outlet {
  /** Something of the trace has ended; `write` exports it. */
  readonly add: (traceId: string, write: () => void) => void
  /** An exchange of the trace began. */
  readonly begun: (traceId: string) => void
  /** It has ended, and nothing more will be found about it. */
  readonly done: (traceId: string, found: boolean) => void
  /** Something was found: whatever belongs to the trace is exported, now and later. */
  readonly keep: (traceId: string) => void
  /** Whether it is known already that the trace is exported. */
  readonly takes: (traceId: string) => boolean
  /** Whether what belongs to the trace waits now. */
  readonly waits: (traceId: string) => boolean
  /** Whether nothing of the trace will be exported, because its last exchange is over and nothing was found. */
  readonly drops: (traceId: string) => boolean
  /** How much was dropped because too much waited. */
  readonly lost: () => number
}

/** Exports everything as it ends. */
export const everything: Outlet = {
  add: (_, write) => write(),
  begun: () => {},
  done: () => {},
  keep: () => {},
  takes: () => true,
  waits: () => false,
  drops: () => false,
  lost: () => 0,
}

interface WaitingTrace {
  readonly writes: Array<() => void>
  exchanges: number
}

/** How many spans and lifetimes wait for the end of their exchanges. */
const waitingAtMost = 20_000
/** How many traces with a finding are remembered after their exchanges have ended, for what ends later. */
const remembered = 4_096

/**
 * Exports whole exchanges with a finding, and a share of the others. The parts of an exchange wait until we
 * know. If too much waits, the exchange that began first is dropped.
 */
export class KeepFindings implements Outlet {
  readonly #isTaken: (traceId: string) => boolean
  readonly #waiting = new Map<string, WaitingTrace>()
  readonly #kept = new RecentMap<true>(remembered)
  readonly #atMost: number
  #size = 0
  #lost = 0

  constructor(share: number, atMost = waitingAtMost) {
    this.#isTaken = isWithin(share)
    this.#atMost = atMost
  }

  readonly lost = (): number => this.#lost

  readonly begun = (traceId: string): void => {
    const waiting = this.#waiting.get(traceId)
    if (waiting === undefined) this.#waiting.set(traceId, { writes: [], exchanges: 1 })
    else waiting.exchanges++
  }

  readonly takes = (traceId: string): boolean => this.#kept.get(traceId) ?? this.#isTaken(traceId)

  readonly add = (traceId: string, write: () => void): void => {
    const waiting = this.#waiting.get(traceId)
    if (this.#kept.get(traceId) === true) write()
    else if (waiting !== undefined) {
      waiting.writes.push(write)
      this.#size++
      if (this.#size > this.#atMost) this.#letGo()
    } else if (this.#isTaken(traceId)) write()
  }

  readonly waits = (traceId: string): boolean =>
    this.#waiting.has(traceId) && this.#kept.get(traceId) !== true

  readonly drops = (traceId: string): boolean =>
    this.#waiting.get(traceId)?.exchanges === 1 && !this.takes(traceId)

  readonly keep = (traceId: string): void => {
    this.#kept.set(traceId, true)
    const waiting = this.#waiting.get(traceId)
    if (waiting !== undefined) this.#release(waiting)
  }

  readonly done = (traceId: string, found: boolean): void => {
    if (found || this.#isTaken(traceId)) this.keep(traceId)
    const waiting = this.#waiting.get(traceId)
    if (waiting === undefined) return
    waiting.exchanges--
    if (waiting.exchanges > 0) return
    this.#waiting.delete(traceId)
    this.#size -= waiting.writes.length
  }

  #release({ writes }: WaitingTrace): void {
    this.#size -= writes.length
    for (const write of writes.splice(0)) write()
  }

  #letGo(): void {
    for (const waiting of this.#waiting.values()) {
      if (waiting.writes.length === 0) continue
      this.#lost += waiting.writes.length
      this.#size -= waiting.writes.length
      waiting.writes.length = 0
      return
    }
  }
}
