import type { PubSubRecord } from "./record.ts"

/** A program that computes capacities must not fill the memory. */
const sortsKept = 64

/** The PubSubs that the program makes while it serves. They come and go, as a room for each conversation does. */
export class RenewedPubSubs {
  readonly #sorts = new Set<string>()

  made(pubsub: PubSubRecord): void {
    if (this.#sorts.size < sortsKept) this.#sorts.add(sortOf(pubsub))
  }

  /** Whether the program has made one of the same sort while it served. */
  hasLike(pubsub: PubSubRecord): boolean {
    return this.#sorts.has(sortOf(pubsub))
  }
}

const sortOf = ({ capacity, drops }: PubSubRecord): string => `${capacity} ${drops}`
