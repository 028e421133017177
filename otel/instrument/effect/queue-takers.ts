/*
 * `Queue.ts`: who waits for a message is added to `takers` of the state by the fiber that waits. Whoever puts
 * something into an open queue then asks `takers` for its `size`, unless a release of those who wait is due already;
 * where somebody waits, that makes one due, which asks for it once more.
 */
import * as Fiber from "effect/Fiber"
import type * as Queue from "effect/Queue"
import { couldNot } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

export interface QueueObserver {
  /** A fiber waits for what comes next. */
  readonly awaited: (fiber: AnyFiber) => void
  /** Something has been put into it, by a fiber or by what is none. */
  readonly offered: (fiber: AnyFiber | undefined) => void
  /** It has come to its end. */
  readonly ended: () => void
}

type Taker = Queue.Queue.Taker<unknown>

/** Those who wait for a queue. They tell of each message, so that nothing else is to be wrapped for that. */
export class ObservedTakers extends Set<Taker> {
  /** `undefined` where nobody wants to know any more. */
  observer: QueueObserver | undefined
  #isReleaseDue = false

  constructor(observer: QueueObserver) {
    super()
    this.observer = observer
  }

  override add(taker: Taker): this {
    const fiber = Fiber.getCurrent()
    if (fiber !== undefined) {
      try {
        this.observer?.awaited(fiber)
      } catch (cause) {
        couldNot("record a lifetime", cause)
      }
    }
    return super.add(taker)
  }

  override get size(): number {
    const size = super.size
    if (this.observer === undefined) return size
    if (this.#isReleaseDue) {
      this.#isReleaseDue = false
      return size
    }
    this.#isReleaseDue = size > 0
    try {
      this.observer.offered(Fiber.getCurrent())
    } catch (cause) {
      couldNot("record a lifetime", cause)
    }
    return size
  }
}
