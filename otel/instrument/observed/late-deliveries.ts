import { type AnyQueue, alsoWhenAsked, sizeOf, whenAsked } from "../effect/meeting-queues.ts"
import type { ExchangeRecord } from "../records/record.ts"

/** Somebody has taken something from them that was put in after the handler of their exchange had returned. */
const delivered = new WeakSet<AnyQueue>()

/** Whether the queue has served its readers, and not just been handed out. */
export const hasDeliveredLate = (queue: AnyQueue): boolean => delivered.has(queue)

/** Looks at a queue whenever a fiber asks it something. The number of messages tells what was done meanwhile. */
export class LateDeliveries {
  readonly #queue: AnyQueue
  /** Until its handler has returned: a program may keep the queue for long after that. */
  #exchange: ExchangeRecord | undefined
  #size = 0
  #isFed = false

  constructor(queue: AnyQueue, exchange: ExchangeRecord) {
    this.#queue = queue
    this.#exchange = exchange
  }

  look(): void {
    const before = this.#size
    const isLate = this.#hasReturned()
    this.#size = sizeOf(this.#queue)
    if (this.#size > before) this.#isFed = isLate
    else if (this.#size < before && this.#isFed) delivered.add(this.#queue)
  }

  /** Nobody else looks at the queue any more. */
  lookOn(): void {
    whenAsked(this.#queue, () => this.#looksAgain())
  }

  /** Others look at it, too. */
  lookBeside(): void {
    alsoWhenAsked(this.#queue, () => this.#looksAgain())
  }

  #looksAgain(): boolean {
    this.look()
    return !hasDeliveredLate(this.#queue)
  }

  #hasReturned(): boolean {
    if (this.#exchange === undefined) return true
    if ((this.#exchange.handlerReturnedAt ?? this.#exchange.endedAt) === undefined) return false
    this.#exchange = undefined
    return true
  }
}
