/*
 * `internal/effect.ts`, `FiberImpl`: the `_stack` of a fiber holds what it does next. `Stream.ts`, `Channel.ts`:
 * while a fiber pulls from a source, each operator between the two has a step there, with functions of the operator.
 * An operator that works on an element has taken off its own step by then, and those that the element came through.
 * No step tells of which operator it is: what each of them looks like is learned by trying. If Effect does this in
 * another way, nobody is at work.
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { uncounted } from "./fiber-ids.ts"
import type { AnyFiber } from "./fibers.ts"
import { unmet } from "./meeting-pubsubs.ts"
import { observeSubscription } from "./subscriptions.ts"

type Steps = ReadonlyArray<unknown>

type Operator = (events: Stream.Stream<string>) => Stream.Stream<string>

/** What was learned of the steps of operators that ask for the next element whenever they are asked. */
interface Known {
  /** Between a source and what works on its elements. */
  readonly inner: Set<string>
  /** Between what works on elements, and who pulls. */
  readonly outer: Set<string>
  /** What works on an element. */
  readonly working: Set<string>
}

const known: Known = { inner: new Set(), outer: new Set(), working: new Set() }

/** Steps of this library. They pass on what they get. */
const ofLibrary = new WeakSet<object>()

/** Says that an effect of this library passes on what it gets, whatever that is. */
export const passesOn = <A extends object>(effect: A): A => {
  ofLibrary.add(effect)
  return effect
}

const stackOf = (fiber: AnyFiber): Steps => {
  const stack: unknown = Reflect.get(fiber, "_stack")
  return Array.isArray(stack) ? stack : []
}

/** Its functions, as they are written: equal for all steps of an operator. */
const writtenIn = (step: object): string =>
  Reflect.ownKeys(step)
    .map((key): unknown => Object.getOwnPropertyDescriptor(step, key)?.value)
    .filter((value) => typeof value === "function")
    .join("\n")

const isIn = (set: Set<string>, step: unknown): boolean =>
  typeof step === "object" && step !== null && (ofLibrary.has(step) || set.has(writtenIn(step)))

/** What a fiber was about to do when it took something, from the effect that pulls to the source. */
export class PullSteps {
  readonly #fiber: AnyFiber
  readonly #from: number
  readonly #steps: Steps
  #lookedAt = 0
  #isAtWork = false

  constructor(fiber: AnyFiber, pull: object) {
    const stack = stackOf(fiber)
    this.#fiber = fiber
    this.#from = stack.indexOf(pull)
    this.#steps = this.#from < 0 ? [] : stack.slice(this.#from)
  }

  /** Whether it works on what it took, and takes more as soon as it is asked for more. */
  isAtWork(): boolean {
    const stack = stackOf(this.#fiber)
    const at = this.#steps.findIndex((step, index) => step !== stack[this.#from + index])
    if (at > 0 && at !== this.#lookedAt) {
      this.#lookedAt = at
      learn()
      this.#isAtWork =
        isIn(known.working, this.#steps[at]) &&
        this.#steps.slice(1, at).every((step) => isIn(known.outer, step)) &&
        this.#steps.slice(at + 1).every((step) => isIn(known.inner, step))
    }
    return at > 0 && this.#isAtWork
  }
}

/** A pull through that operator, from before it takes something until it works on that or waits for more. */
const pulled = (operator: Operator, isWaiting = false) =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(2)
    const subscription = yield* PubSub.subscribe(bus)
    const events = operator(Stream.fromSubscription(subscription))
    const made = yield* Channel.toPullScoped(Stream.toChannel(events), yield* Effect.scope)
    const pull = Effect.map(made, (element) => element)
    let taking: AnyFiber | undefined
    let steps: Steps = []
    let atWork: PullSteps | undefined
    const took = () => {
      const fiber = taking ?? Fiber.getCurrent()
      if (fiber === undefined || atWork !== undefined) return
      const stack = stackOf(fiber)
      steps = stack.slice(stack.indexOf(pull) + 1)
      atWork = new PullSteps(fiber, pull)
    }
    observeSubscription(subscription, { asked: () => {}, released: () => {}, took })
    if (!isWaiting) yield* PubSub.publish(bus, "")
    taking = yield* Effect.forkChild(Effect.forever(pull, { disableYield: true }), {
      startImmediately: true,
    })
    if (isWaiting) yield* PubSub.publish(bus, "")
    const stack = stackOf(taking)
    const [working] = steps.filter((step) => !stack.includes(step))
    const isAtWork = atWork?.isAtWork() === true
    yield* Fiber.interrupt(taking)
    return { steps, working, isAtWork }
  }).pipe(Effect.scoped)

const encoded: Operator = (events) => Stream.map(Stream.encodeText(events), String)

const goingOn: ReadonlyArray<Operator> = [(events) => Stream.filter(events, () => true), encoded]

const works: Operator = Stream.mapEffect(() => Effect.never)

/** After that there is enough. */
const ending: Operator = (events) => Stream.take(events, 1)

const afterHello: Operator = (events) => Stream.concat(Stream.make(""), events)

const note = (set: Set<string>, steps: Steps): void => {
  for (const step of steps) if (typeof step === "object" && step !== null) set.add(writtenIn(step))
}

/** Learns how operators are written. Gives whether those that go on can be told apart from one that does not. */
export const learnSteps: Effect.Effect<boolean> = Effect.gen(function* () {
  for (const operator of goingOn) note(known.inner, (yield* pulled(operator)).steps)
  note(known.inner, (yield* pulled((events) => events, true)).steps)
  const { steps, working } = yield* pulled(works)
  note(known.inner, steps)
  note(known.working, [working])
  for (const text of known.inner) known.outer.add(text)
  note(known.outer, (yield* pulled(afterHello)).steps)
  const body = yield* pulled((events) => encoded(afterHello(works(events))))
  const worksOnLast = yield* pulled((events) => works(ending(events)))
  const endsAfterwards = yield* pulled((events) => ending(works(events)))
  return body.isAtWork && !worksOnLast.isAtWork && !endsAfterwards.isAtWork
})

let isLearned = false

/** Once in a process, and only where a reader may be at work: it takes some ms. */
const learn = (): void => {
  if (isLearned) return
  isLearned = true
  const learned = uncounted(() => unmet(() => Effect.runSyncExit(learnSteps)))
  if (learned._tag === "Failure" || !learned.value) known.working.clear()
}
