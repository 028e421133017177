import * as Effect from "effect/Effect"
import type { DueTraces, Judged } from "./due-traces.ts"

/** We work for this long before others have their turn, in milliseconds. */
const turnMillis = 10

interface JudgingParts {
  readonly due: DueTraces
  /** In milliseconds of the clock by which traces are due. */
  readonly now: () => number
  readonly judge: (traceId: string, isSettled: boolean) => Effect.Effect<Omit<Judged, "cost">>
}

/** Judges traces as they become due, for a moment at a time. */
export interface Judging {
  /** Judges what is due; returns whether there is more. */
  readonly turn: Effect.Effect<boolean>
  /** Judges all that waits, whatever it waits for. */
  readonly settle: Effect.Effect<void>
  readonly judgeOne: (traceId: string, isSettled: boolean) => Effect.Effect<void>
}

export const judgingOf = ({ due, now, judge }: JudgingParts): Judging => {
  const judgeOne = (traceId: string, isSettled: boolean) =>
    Effect.gen(function* () {
      const began = performance.now()
      const judged = yield* judge(traceId, isSettled)
      due.judged(traceId, { ...judged, cost: performance.now() - began }, now())
    }).pipe(Effect.uninterruptible) // what is taken and not judged would be forgotten

  const turn = Effect.gen(function* () {
    const began = performance.now()
    for (const { traceId, isSettled } of due.take(now())) {
      yield* judgeOne(traceId, isSettled)
      if (performance.now() - began >= turnMillis) return true
    }
    return false
  })

  const settle = Effect.gen(function* () {
    let began = performance.now()
    for (const traceId of due.ids) {
      yield* judgeOne(traceId, true)
      if (performance.now() - began < turnMillis) continue
      yield* nextTurn
      began = performance.now()
    }
  })

  return { turn, settle, judgeOne }
}

/** Lets the program receive what has come in the meantime. */
export const nextTurn: Effect.Effect<void> = Effect.callback((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})
