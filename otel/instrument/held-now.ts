import type { CodeLocation } from "../lifetimes/model.ts"
import type { HeldPlaceRecord } from "../lifetimes/spans/held.ts"
import type { Micros } from "../lifetimes/time.ts"
import { groupFinalizers } from "./records/finalizer-groups.ts"
import { holdsSomething } from "./records/open-scopes.ts"
import type { LifetimeRegistry } from "./records/registry.ts"

/** What a program holds open now, by the place in its code that opened it. */
export interface HeldNow {
  /** The most frequent first. */
  readonly places: ReadonlyArray<HeldPlaceRecord>
  readonly total: number
}

/** Counts what is open: exact, even for what has outlived its exchange. */
export const heldNow = (registry: LifetimeRegistry): HeldNow => {
  const now = registry.now()
  const places = new Places(now)
  for (const scope of registry.scopes) {
    if (holdsSomething(scope)) places.add("scope", scope.name, scope.code, scope.startedAt)
  }
  for (const { name, code, ownerScope, startedAt } of registry.subscriptions) {
    places.add("subscription", name, code ?? ownerScope?.code, startedAt)
  }
  for (const { name, livesIn, startedAt } of registry.streams) {
    places.add("stream", name, livesIn?.code, startedAt)
  }
  for (const { name, code, startedAt } of registry.orphans) {
    places.add("fiber", name, code, startedAt)
  }
  for (const { what, name, code, startedAt, count } of groupFinalizers(registry.finalizers)) {
    places.add(what === "scope" ? "forked scope" : what, name, code, startedAt, count)
  }
  return places.counted(registry.scopes.letGo)
}

interface Place {
  readonly kind: string
  name: string | undefined
  readonly code: CodeLocation | undefined
  count: number
  startedAt: Micros
}

class Places {
  readonly #now: Micros
  readonly #places = new Map<string, Place>()
  #total = 0

  constructor(now: Micros) {
    this.#now = now
  }

  add(
    kind: string,
    name: string,
    code: CodeLocation | undefined,
    startedAt: Micros,
    count = 1,
  ): void {
    this.#total += count
    // Names may contain values. What is opened at one place counts as one thing, whatever its name.
    const key =
      code?.file === undefined
        ? `${kind} ${name}`
        : `${kind} ${code.file}:${code.line} ${code.function}`
    const known = this.#places.get(key)
    if (known === undefined) {
      this.#places.set(key, { kind, name, code, count, startedAt })
      return
    }
    known.count += count
    known.startedAt = Math.min(known.startedAt, startedAt)
    if (known.name !== name) known.name = undefined
  }

  /** `more` others are open too, and it is unknown where they were opened. */
  counted(more: number): HeldNow {
    const places = [...this.#places.values()].sort((a, b) => b.count - a.count)
    return {
      places: places.map(({ kind, name, code, count, startedAt }) => ({
        kind,
        name,
        code,
        count,
        oldest: this.#now - startedAt,
      })),
      total: this.#total + more,
    }
  }
}
