import type { Visit } from "./visit.ts"

/** How often, by event type. */
export type Counts = Readonly<Record<string, number>>

/** What the clients of two servers received differently, summed over their connections. */
export interface Deviation {
  /** What the baseline received and the other did not. */
  readonly missing: Counts
  /** What the baseline did not receive. */
  readonly extra: Counts
}

/** They depend on the time that passed, not on what happened. */
const heartbeat = "server.heartbeat"

export const deviationOf = (baseline: Visit, visit: Visit): Deviation => {
  const [expected, received] = [totals(baseline), totals(visit)]
  return { missing: surplus(expected, received), extra: surplus(received, expected) }
}

export const isNone = ({ missing, extra }: Deviation): boolean =>
  Object.keys(missing).length === 0 && Object.keys(extra).length === 0

const totals = ({ connections }: Visit): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const { seen } of connections) {
    for (const [type, count] of seen.events) sums.set(type, (sums.get(type) ?? 0) + count)
  }
  sums.delete(heartbeat)
  return sums
}

const surplus = (of: ReadonlyMap<string, number>, over: ReadonlyMap<string, number>): Counts =>
  Object.fromEntries(
    [...of].flatMap(([type, count]) => {
      const more = count - (over.get(type) ?? 0)
      return more > 0 ? [[type, more]] : []
    }),
  )
