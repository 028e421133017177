/*
 * `Queue.ts`: a fiber that waits for a message adds itself to `takers` of the state. Whoever puts something
 * into an open queue then asks `takers` for its `size`, unless a release of the waiting fibers is due already.
 * If somebody waits, a release becomes due, which asks for the size once more.
 */
import * as Fiber from "effect/Fiber"
import type * as Queue from "effect/Queue"
import { couldNot } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

export interface QueueObserver {
  /** A fiber waits for the next message. */
  readonly awaited: (fiber: AnyFiber) => void
  /** A fiber, or something else, has put a message into it. */
  readonly offered: (fiber: AnyFiber | undefined) => void
  /** It has come to its end. */
  readonly ended: () => void
}

type Taker = Queue.Queue.Taker<unknown>

/** The fibers that wait for a queue. They report each message, so nothing else has to be wrapped for that. */
export class ObservedTakers extends Set<Taker> {
  /** `undefined` once nobody wants to know any more. */
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
