/** Times are in milliseconds of one clock. */

/**
 * Exporters send the spans of a trace in several requests: findings are reported when none has come for this
 * long.
 */
export const settledAfter = 500
/** The findings of a trace that never settles are reported after this time. */
const toldAfter = 2_000
/** A trace that takes long to judge is judged again only after this many times its cost. */
const costFactor = 10

interface DueTrace {
  changedAt: number
  /** When the first unreported change came. */
  untoldSince: number | undefined
  dueAt: number
  judgedAt: number
  cost: number
}

interface Due {
  readonly traceId: string
  /** Whether findings about it may be reported. */
  readonly isSettled: boolean
}

export interface Judged {
  /** When to ask again at the latest, if only time has to pass. */
  readonly again: number | undefined
  /** Whether something was found that has not been reported. */
  readonly isUntold: boolean
  readonly cost: number
}

/** Which traces are to be judged, and when. */
export class DueTraces {
  readonly #readAfter: number
  readonly #traces = new Map<string, DueTrace>()

  /** A changed trace is read after this time, whether it has settled or not. */
  constructor(readAfter = settledAfter) {
    this.#readAfter = readAfter
  }

  /** The trace got spans. */
  changed(traceId: string, now: number): void {
    const known = this.#traces.get(traceId)
    if (known === undefined) {
      const dueAt = now + this.#readAfter
      this.#traces.set(traceId, { changedAt: now, untoldSince: now, dueAt, judgedAt: 0, cost: 0 })
      return
    }
    known.changedAt = now
    known.untoldSince ??= now
    known.dueAt = Math.min(known.dueAt, this.#soonest(known, now + this.#readAfter))
  }

  /** Takes those that are due, one after the other. */
  *take(now: number): Iterable<Due> {
    for (const [traceId, trace] of this.#traces) {
      if (trace.dueAt > now) {
        this.#forgetIfIdle(traceId, trace, now)
        continue
      }
      trace.dueAt = Number.POSITIVE_INFINITY
      // Behind the others, so that each has its turn.
      this.#traces.delete(traceId)
      this.#traces.set(traceId, trace)
      yield { traceId, isSettled: isSettled(trace, now) }
    }
  }

  /** Whether findings about a trace may be reported. */
  isSettled(traceId: string, now: number): boolean {
    const trace = this.#traces.get(traceId)
    return trace === undefined || isSettled(trace, now)
  }

  /** All that wait, for whatever reason. */
  get ids(): ReadonlyArray<string> {
    return [...this.#traces].flatMap(([traceId, { dueAt }]) =>
      dueAt === Number.POSITIVE_INFINITY ? [] : [traceId],
    )
  }

  judged(traceId: string, { again, isUntold, cost }: Judged, now: number): void {
    const trace = this.#traces.get(traceId)
    if (trace === undefined) return
    trace.judgedAt = now
    trace.cost = cost
    if (!isUntold) trace.untoldSince = undefined
    const tellAt = isUntold ? trace.changedAt + settledAfter : Number.POSITIVE_INFINITY
    const next = Math.min(trace.dueAt, tellAt, again ?? Number.POSITIVE_INFINITY)
    trace.dueAt = this.#soonest(trace, next)
    this.#forgetIfIdle(traceId, trace, now)
  }

  /** If there is nothing to do, its cost is remembered for as long as it delays the next judgement. */
  #forgetIfIdle(traceId: string, trace: DueTrace, now: number): void {
    const isIdle = trace.dueAt === Number.POSITIVE_INFINITY
    if (isIdle && this.#soonest(trace, now) <= now + this.#readAfter) this.#traces.delete(traceId)
  }

  /** How many are known. */
  get size(): number {
    return this.#traces.size
  }

  #soonest({ judgedAt, cost }: DueTrace, at: number): number {
    return Math.max(at, judgedAt + cost * costFactor)
  }
}

const isSettled = ({ changedAt, untoldSince = changedAt }: DueTrace, now: number): boolean =>
  now - changedAt >= settledAfter || now - untoldSince >= toldAfter
