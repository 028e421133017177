import * as Effect from "effect/Effect"
import type { Micros } from "../lifetimes/time.ts"
import type { LiveLifetimes } from "./lifetimes.ts"
import type { ExchangeRecord } from "./records.ts"

/** When an exchange is told to be open: few markers for a long stream, the first one soon. */
const markedAfter: ReadonlyArray<Micros> = [1e6, 10e6, 60e6, 600e6]

/** Tells of what stays open while it is: a span that has not ended is exported by nobody. */
export const superviseOpen = (lifetimes: LiveLifetimes): Effect.Effect<never> =>
  Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep("250 millis")
      const now = lifetimes.now()
      const due = dueForMark(lifetimes.exchanges, now)
      if (due.length > 0) lifetimes.sink.exportOpen(due, now)
    }
  })

const dueForMark = (
  exchanges: Iterable<ExchangeRecord>,
  now: Micros,
): ReadonlyArray<ExchangeRecord> => {
  const due: Array<ExchangeRecord> = []
  for (const exchange of exchanges) {
    const passed = markedAfter.filter((moment) => moment <= now - exchange.startedAt).length
    if (passed === 0) break // the rest began later
    if (passed > exchange.marked && exchange.endedAt === undefined) due.push(exchange)
    exchange.marked = passed
  }
  return due
}
