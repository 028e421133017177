import type { CodeLocation } from "../../lifetimes/model.ts"
import type { FinalizerKind } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { holdsNothing } from "../effect/finalizers.ts"
import type { FinalizerRecord } from "./record.ts"

/** Finalizers of one kind that were registered at the same place and are still there. */
export interface FinalizerGroup {
  readonly what: FinalizerKind
  readonly name: string
  readonly code: CodeLocation | undefined
  readonly scope: string
  /** The exchange that registered the first. */
  readonly route: string
  readonly count: number
  /** When the first was registered. */
  readonly startedAt: Micros
}

/**
 * The oldest first. A forked scope in which nothing was acquired is left out: closing it would change nothing.
 */
export const groupFinalizers = (
  finalizers: Iterable<FinalizerRecord>,
): ReadonlyArray<FinalizerGroup> => {
  const holding = [...finalizers].filter(({ key }) => !holdsNothing(key))
  const places = Map.groupBy(holding, ({ place }) => place)
  return [...places.values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const { what, name, code, scope, exchange, startedAt } = first
    const unkept = alike.find(({ pile }) => pile !== undefined)?.pile?.unkept ?? 0
    const count = alike.length + unkept
    return [{ what, name, code, scope, route: exchange.route, count, startedAt }]
  })
}
