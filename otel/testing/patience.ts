import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Witness } from "../instrument/witness.ts"
import { ObservedProgram } from "./observed-program.ts"

/** Exchanges that are open, and what ended ones still hold. */
export const unsettledExchanges = (observed: ObservedProgram): ReadonlyArray<unknown> => [
  ...observed.openExchanges,
  ...observed.openLifetimes.filter(({ exchange }) => exchange !== undefined),
  ...observed.pilingUp,
]

/** Whatever has not ended. */
export const unsettled = (observed: ObservedProgram): ReadonlyArray<unknown> => [
  ...observed.openExchanges,
  ...observed.openLifetimes,
  ...observed.registries.flatMap(({ programFibers }) =>
    programFibers.running().map(([fiber]) => fiber),
  ),
]

const stepMillis = 5

/** If something changes for ever, we wait for so many grace periods. */
const graces = 10

/**
 * Waits until nothing is unsettled, or until nothing has changed for the grace period; for ten of those at
 * most.
 */
export const untilSettled = Effect.fnUntraced(function* (
  look: () => ReadonlyArray<unknown>,
  graceMillis: number,
) {
  const patience = graceMillis + 2 * stepMillis // longer than the grace period, not as long
  yield* Effect.yieldNow // what has just been forked is not seen before it begins
  let before = look()
  let left = patience
  let inAll = patience * graces
  while (before.length > 0 && left > 0 && inAll > 0) {
    yield* pass
    inAll -= stepMillis
    const now = look()
    left = isSame(before, now) ? left - stepMillis : patience
    before = now
  }
})

const isSame = (before: ReadonlyArray<unknown>, now: ReadonlyArray<unknown>): boolean =>
  before.length === now.length && before.every((it, index) => it === now[index])

/** Sockets need real time, and a program under a test clock needs the time of that clock: both go on. */
const pass = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  yield* Effect.sleep(stepMillis).pipe(
    Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()),
  )
  if ("adjust" in clock) yield* TestClock.adjust(stepMillis)
})

/**
 * Waits, in a guarded program, until everything that exchanges acquired is released, or until nothing
 * has changed for the grace period. The guard does so by itself before it closes the program's scope; a
 * program that closes its server itself asks for it before, because closing releases what had leaked.
 */
export const settled: Effect.Effect<void> = Effect.flatMap(Witness, (witness) =>
  witness instanceof ObservedProgram
    ? untilSettled(() => unsettledExchanges(witness), witness.graceMillis)
    : Effect.void,
)
