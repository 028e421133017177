/*
 * `Queue.ts`: a queue is made of one prototype on the fiber that asks for it, and its state is assigned then, and
 * whenever that changes: `Closing` while what waits is taken, and `Done` with an exit. Shutting down gives that to
 * each of its `takers`; who asks later reads the state first. What `interrupt` ends it with names the fiber that does.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { harmlessly } from "../harmlessly.ts"
import { type AnyFiber, type Interruption, shutQueue } from "./fibers.ts"
import { isWrappable, onSet } from "./properties.ts"
import { ObservedTakers, type QueueObserver } from "./queue-takers.ts"

/** A queue, as far as it can be looked at. */
export type AnyQueue = Queue.Dequeue<unknown, unknown>

/** Called for every queue of the process. */
export interface QueueMeetings {
  readonly made: (fiber: AnyFiber, queue: AnyQueue) => void
  /** The current fiber takes it away from its readers: it shuts it down, or interrupts it. */
  readonly takenAway: (queue: AnyQueue) => void
  /** A fiber asks it, and is told that it has been taken away. */
  readonly refused: (fiber: AnyFiber, queue: AnyQueue) => void
}

/** How many wait in it. */
export const sizeOf = (queue: AnyQueue): number => queue.messages.length

/** How many it holds; `undefined` where there is no limit. */
export const capacityOf = ({ capacity }: AnyQueue): number | undefined =>
  capacity < Number.MAX_SAFE_INTEGER ? capacity : undefined

/** Whether it can hold anything: a merge hands over through one that cannot. */
export const holdsSomething = ({ capacity }: AnyQueue): boolean => capacity > 0

/** Whether something more can be put into it. */
export const isOpen = (queue: AnyQueue): boolean => stateOf(queue)?._tag === "Open"

/** Tells what happens to a queue that has just been made. Gives what ends that. */
export const observeQueue = (queue: AnyQueue, observer: QueueObserver): (() => void) => {
  const takers = new ObservedTakers(observer)
  const made = stateOf(queue)
  if (made?._tag === "Open" && made.takers.size === 0) Object.assign(made, { takers })
  return () => {
    takers.observer = undefined
  }
}

/** Tells also what is put into a queue that is full and makes room for that: it asks nobody whether they wait. */
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

/** Tells of queues from now on. Gives what ends that. */
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

/** Who is told when a fiber asks it something, until that gives `false`. Most queues have nobody. */
type Asked = (queue: MetQueue, fiber: AnyFiber) => boolean

type MetQueue = AnyQueue & { [state]?: State; [asked]?: Asked | undefined; [isTaken]?: true }

/** Tells of each fiber that takes from it or offers to it, as long as it is asked to. */
export const whenAsked = (queue: MetQueue, told: (fiber: AnyFiber) => boolean): void => {
  queue[asked] = (_, fiber) => told(fiber)
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

/** Its state, without asking for that as a program does. */
let stateOf = (queue: MetQueue): State | undefined => queue[state]

const watch = (queues: object): void => {
  // Another installation of the library may have been here before.
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

/** The queue of which a fiber is just told that it has been taken away. */
let telling: AnyQueue | undefined

/** The queue that was taken away, and that the fiber was waiting for which goes on with that now. */
export const takenWhileAwaited = ({
  reason,
}: Pick<Interruption, "reason">): AnyQueue | undefined => {
  const told = telling && stateOf(telling)
  return told?._tag === "Done" && told.exit.cause.reasons[0] === reason ? telling : undefined
}

/** It is open no more. */
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

/** Whether it ends so because the current fiber wants it to. */
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
