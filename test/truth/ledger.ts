import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** For whom something was acquired: it has to be gone when that is over. */
export type Keeper = "exchange" | "program"

/** What the program acquires for itself has no client. */
export const nobody = -1

/** Something that a program acquired, and perhaps released. */
export interface Entry {
  readonly what: string
  readonly keeper: Keeper
  /** The client whose request acquired it. */
  readonly client: number
  released: boolean
}

/** The program's own books: what was acquired and what was released, whatever anybody else says of it. */
export class Ledger {
  readonly entries: Array<Entry> = []

  acquire(what: string, client: number, keeper: Keeper): Entry {
    const entry: Entry = { what, keeper, client, released: false }
    this.entries.push(entry)
    return entry
  }

  get held(): ReadonlyArray<Entry> {
    return this.entries.filter(({ released }) => !released)
  }

  /** Held until the current scope closes. */
  readonly scoped = (
    what: string,
    client: number,
    keeper: Keeper = "exchange",
  ): Effect.Effect<Entry, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => this.acquire(what, client, keeper)),
      release,
    )

  /** Held for as long as the effect runs. */
  readonly during =
    (what: string, client: number, keeper: Keeper = "exchange") =>
    <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        const entry = this.acquire(what, client, keeper)
        return Effect.ensuring(self, release(entry))
      })
}

export const release = (entry: Entry): Effect.Effect<void> =>
  Effect.sync(() => {
    entry.released = true
  })
