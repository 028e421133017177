/*
 * `Queue.ts`: a queue is made from one prototype, on the fiber that asks for it. Its state is assigned then,
 * and again at each change: `Closing` while waiting messages are taken, and `Done` with an exit. Shutting down
 * gives this exit to each of its `takers`; later callers read the state first. The exit of `interrupt` names
 * the interrupting fiber.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { harmlessly } from "../harmlessly.ts"
import { type AnyFiber, type Interruption, shutQueue } from "./fibers.ts"
import { isWrappable, onSet } from "./properties.ts"
import { ObservedTakers, type QueueObserver } from "./queue-takers.ts"

/** A queue, as far as it can be observed. */
export type AnyQueue = Queue.Dequeue<unknown, unknown>

/** Called for every queue of the process. */
export interface QueueMeetings {
  readonly made: (fiber: AnyFiber, queue: AnyQueue) => void
  /** The current fiber takes it away from its readers: it shuts it down, or interrupts it. */
  readonly takenAway: (queue: AnyQueue) => void
  /** A fiber asks the queue, and learns that it has been taken away. */
  readonly refused: (fiber: AnyFiber, queue: AnyQueue) => void
}

/** How many messages wait in it. */
export const sizeOf = (queue: AnyQueue): number => queue.messages.length

/** How many it can hold; `undefined` without a limit. */
export const capacityOf = ({ capacity }: AnyQueue): number | undefined =>
  capacity < Number.MAX_SAFE_INTEGER ? capacity : undefined

/** Whether it can hold anything. The queue that a merge hands over through cannot. */
export const holdsSomething = ({ capacity }: AnyQueue): boolean => capacity > 0

/** Whether it has room. */
export const isOpen = (queue: AnyQueue): boolean => stateOf(queue)?._tag === "Open"

/** Reports what happens to a queue that has just been made. Returns a function that stops it. */
export const observeQueue = (queue: AnyQueue, observer: QueueObserver): (() => void) => {
  const takers = new ObservedTakers(observer)
  const made = stateOf(queue)
  if (made?._tag === "Open" && made.takers.size === 0) Object.assign(made, { takers })
  return () => {
    takers.observer = undefined
  }
}

/**
 * Also reports messages that are put into a full queue that makes room by itself: such a queue never asks
 * whether somebody waits.
 */
export const observeSliding = ({ strategy, messages }: AnyQueue, offered: () => void): void => {
  if (strategy !== "sliding" || !isWrappable(messages, "length")) return
  let { length } = messages
  onSet(messages, "length", (next) => {
    if (next > length) harmlessly(offered, undefined)
    length = next
  })
}

const meetings = new Set<QueueMeetings>()

let isWatching = false

/** Reports queues from now on. Returns a function that stops it. */
export const meetQueues = (met: QueueMeetings): (() => void) => {
  if (!isWatching) watch(Object.getPrototypeOf(Effect.runSync(Queue.unbounded())))
  isWatching = true
  meetings.add(met)
  return () => meetings.delete(met)
}

type State = AnyQueue["state"]
type Done = Extract<State, { readonly _tag: "Done" }>

const state = Symbol("scopeline/state")
const asked = Symbol("scopeline/asked")
const isTaken = Symbol("scopeline/isTaken")

/**
 * Called when a fiber asks the queue something, until the callback returns `false`. Most queues have no
 * callback.
 */
type Asked = (queue: MetQueue, fiber: AnyFiber) => boolean

type MetQueue = AnyQueue & { [state]?: State; [asked]?: Asked | undefined; [isTaken]?: true }

/** Reports each fiber that takes from the queue or offers to it, as long as the callback wants that. */
export const whenAsked = (queue: MetQueue, told: (fiber: AnyFiber) => boolean): void => {
  queue[asked] = (_, fiber) => told(fiber)
}

/** The same for one more callback. */
export const alsoWhenAsked = (queue: MetQueue, told: (fiber: AnyFiber) => boolean): void => {
  const before = queue[asked]
  if (before === undefined) {
    whenAsked(queue, told)
    return
  }
  let wantsBefore = true
  let wants = true
  queue[asked] = (_, fiber) => {
    wantsBefore &&= before(queue, fiber)
    wants &&= told(fiber)
    return wantsBefore || wants
  }
}

const refuse: Asked = (queue, fiber) => {
  for (const { refused } of meetings) refused(fiber, queue)
  return true
}

const tellAsked = (queue: MetQueue, told: Asked): void => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined || harmlessly(() => told(queue, fiber), false)) return
  queue[asked] = undefined
}

/** Its state, without going through the public API. */
let stateOf = (queue: MetQueue): State | undefined => queue[state]

const watch = (queues: object): void => {
  // Another installation of the library may have wrapped it before.
  const before = Object.getOwnPropertyDescriptor(queues, "state")
  const read = (queue: MetQueue): State | undefined =>
    before?.get === undefined ? queue[state] : before.get.call(queue)
  stateOf = read
  Object.defineProperty(queues, "state", {
    configurable: true,
    get(this: MetQueue) {
      const told = this[asked]
      if (told !== undefined) tellAsked(this, told)
      return read(this)
    },
    set(this: MetQueue, next: State) {
      const previous = read(this)
      if (before?.set === undefined) this[state] = next
      else before.set.call(this, next)
      if (meetings.size === 0) return
      if (previous === undefined) tellMade(this)
      else if (next._tag !== "Open" && previous._tag !== "Done") {
        harmlessly(() => leave(this, previous, next), undefined)
      }
    },
  })
}

const tellMade = (queue: AnyQueue): void => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined) return
  for (const { made } of meetings) harmlessly(() => made(fiber, queue), undefined)
}

/** The queue of which a fiber learns just now that it was taken away. */
let telling: AnyQueue | undefined

/** The queue that was taken away, and for which the fiber that resumes now was waiting. */
export const takenWhileAwaited = ({
  reason,
}: Pick<Interruption, "reason">): AnyQueue | undefined => {
  const told = telling && stateOf(telling)
  return told?._tag === "Done" && told.exit.cause.reasons[0] === reason ? telling : undefined
}

/** It is not open any more. */
const leave = (
  queue: MetQueue,
  previous: Exclude<State, Done>,
  next: Exclude<State, { readonly _tag: "Open" }>,
): void => {
  if (previous._tag === "Open" && takesAway(next.exit)) {
    queue[isTaken] = true
    for (const { takenAway } of meetings) takenAway(queue)
  }
  if (next._tag === "Done") end(queue, previous)
}

/** Whether it ends this way because the current fiber wants it to. */
const takesAway = (exit: Done["exit"]): boolean => {
  if (exit === shutQueue) return true
  const [reason] = exit.cause.reasons
  return reason?._tag === "Interrupt" && reason.fiberId === Fiber.getCurrent()?.id
}

const end = (queue: MetQueue, { takers }: Exclude<State, Done>): void => {
  if (takers instanceof ObservedTakers) takers.observer?.ended()
  if (queue[isTaken] !== true) return
  queue[asked] = refuse
  for (const taker of takers) {
    const { resume } = taker
    const resumed: typeof resume = (told) => {
      const outer = telling
      telling = queue
      try {
        resume(told)
      } finally {
        telling = outer
      }
    }
    Object.assign(taker, { resume: resumed })
  }
}
