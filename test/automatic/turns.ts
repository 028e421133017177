/** Programs whose result depends on the turn in which their fibers run. */
import { Deferred, Effect, Fiber, Layer, PubSub, Queue, Ref, Stream } from "effect"

/** What a program has seen, in the order in which its fibers ran. */
export type Seen = ReadonlyArray<string>

const nextTurn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Publishes while its reader is about to begin: how many it sees depends on the turn in which that runs. */
const lateReader = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<number>()
  const seen: Array<string> = []
  const reader = yield* Stream.fromPubSub(bus).pipe(
    Stream.runForEach((event) => Effect.sync(() => seen.push(`event ${event}`))),
    Effect.forkChild,
  )
  for (let event = 0; event < 10; event++) {
    yield* PubSub.publish(bus, event)
    yield* nextTurn
  }
  yield* Fiber.interrupt(reader)
  return seen
})

/** The same with the publisher in a fork. */
const earlyPublisher = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<number>()
  const publisher = yield* Effect.forkChild(
    Effect.forEach([1, 2, 3, 4, 5], (event) =>
      Effect.andThen(PubSub.publish(bus, event), Effect.yieldNow),
    ),
  )
  yield* nextTurn
  const subscription = yield* PubSub.subscribe(bus)
  yield* Fiber.join(publisher)
  return (yield* PubSub.takeUpTo(subscription, 10)).map(String)
}).pipe(Effect.scoped)

/** Fibers, microtasks, immediates and ticks that take turns. */
const turns = Effect.gen(function* () {
  const seen: Array<string> = []
  const say = (what: string) => Effect.sync(() => seen.push(what))
  setImmediate(() => seen.push("immediate 1"))
  const fibers = yield* Effect.forEach(["a", "b", "c"], (name) =>
    Effect.forkChild(
      Effect.forEach([1, 2, 3], (turn) => Effect.andThen(say(`${name} ${turn}`), Effect.yieldNow)),
    ),
  )
  setImmediate(() => seen.push("immediate 2"))
  queueMicrotask(() => seen.push("microtask"))
  process.nextTick(() => seen.push("tick"))
  yield* nextTurn
  yield* say("main")
  yield* Fiber.joinAll(fibers)
  return seen
})

/** Whoever is first takes it. */
const firstComeFirstServed = Effect.gen(function* () {
  const first = yield* Deferred.make<string>()
  const tickets = yield* Queue.unbounded<string>()
  const turns = yield* Ref.make<Seen>([])
  const worker = (name: string) =>
    Effect.gen(function* () {
      yield* Deferred.succeed(first, name)
      for (let count = 0; count < 3; count++) {
        const ticket = yield* Queue.take(tickets)
        yield* Ref.update(turns, (all) => [...all, `${name} ${ticket}`])
        yield* Effect.yieldNow
      }
    })
  yield* Effect.forkDetach(worker("detached"))
  yield* Effect.forkScoped(worker("scoped"))
  yield* Effect.forkChild(worker("immediate"), { startImmediately: true })
  for (const ticket of "abcdefghi") {
    yield* Queue.offer(tickets, ticket)
    yield* Effect.yieldNow
  }
  yield* nextTurn
  return [yield* Deferred.await(first), ...(yield* Ref.get(turns))]
}).pipe(Effect.scoped)

/** What is in the Layers of a program begins its turns before the program does. */
const withLayers = (program: Effect.Effect<Seen>) =>
  program.pipe(Effect.provide(Layer.effectDiscard(Effect.forkScoped(Effect.yieldNow))))

/** Each alone, and with something in its Layers. */
export const programs: Readonly<Record<string, Effect.Effect<Seen>>> = {
  "a reader that is about to begin": lateReader,
  "a publisher that is about to begin": earlyPublisher,
  "fibers, microtasks and immediates": turns,
  "fibers that take from one queue": firstComeFirstServed,
  "a reader beside a Layer": withLayers(lateReader),
  "a publisher beside a Layer": withLayers(earlyPublisher),
  "fibers beside a Layer": withLayers(turns),
  "takers beside a Layer": withLayers(firstComeFirstServed),
}
