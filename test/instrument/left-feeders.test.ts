import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import { ClientAbort } from "effect/http/HttpServerError"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Lifetimes } from "../../otel/instrument/lifetimes.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

/** Fills the queue every 100 ms. */
const poll = Effect.fn("poll")((queue: Queue.Enqueue<number>) =>
  Effect.forever(Effect.delay(Queue.offer(queue, 1), 100)),
)

type Start = (queue: Queue.Queue<number>) => Effect.Effect<unknown, never, Scope.Scope>

/** So many clients come, one after the other, and leave. Each has a queue that something fills. */
const visits = Effect.fnUntraced(function* (
  count: number,
  start: Start,
  makeQueue: Effect.Effect<Queue.Queue<number>, never, Scope.Scope> = Queue.sliding<number>(4),
) {
  const quotes = Effect.fn("quotes")(function* () {
    const queue = yield* makeQueue
    yield* start(queue)
    return eventStream(Stream.fromQueue(queue))
  })
  for (let one = 0; one < count; one++) {
    const client = yield* Effect.forkChild(answer(quotes()), { startImmediately: true })
    yield* pass(250)
    client.interruptUnsafe(undefined, ClientAbort.annotation)
    yield* Fiber.await(client)
  }
})

const found = Effect.map(Recording, ({ findings }) =>
  findings.map(({ rule, operation, code }) => `${rule}, ${operation}, forked in ${code?.function}`),
)

const orphan = "orphan-fiber, fiber poll, forked in quotes"

describe("a fiber in a FiberSet that feeds a stream", () => {
  const inSet = Effect.map(
    FiberSet.make(),
    (set): Start =>
      (queue) =>
        FiberSet.run(set, poll(queue)),
  )

  it.effect("is found after a time in which a client may come back, where there are two", () =>
    Effect.gen(function* () {
      yield* visits(2, yield* inSet)
      yield* pass(59_000)
      deepStrictEqual(yield* found, [])
      yield* pass(2_000)
      deepStrictEqual(yield* found, [orphan, orphan])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is found where the program ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* visits(2, yield* Scope.provide(inSet, scope))
      yield* pass(3_000)
      yield* Scope.provide(Scope.close(scope, Exit.void), scope)
      deepStrictEqual(yield* found, [orphan, orphan])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is one that is kept for a session, where it is the only one", () =>
    Effect.gen(function* () {
      yield* visits(1, yield* inSet)
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is fine where one ended by itself: so may the others", () =>
    Effect.gen(function* () {
      const jobs = yield* FiberMap.make<number>()
      let started = 0
      yield* visits(3, (queue) => FiberMap.run(jobs, started++, poll(queue)))
      yield* pass(10_000)
      yield* FiberMap.remove(jobs, 0)
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is fine where somebody reads again what it fills", () =>
    Effect.gen(function* () {
      const set = yield* FiberSet.make()
      const queues: Array<Queue.Queue<number>> = []
      yield* visits(2, (queue) => {
        queues.push(queue)
        return FiberSet.run(set, poll(queue))
      })
      yield* pass(10_000)
      for (const queue of queues) {
        yield* Effect.forkChild(Effect.forever(Queue.take(queue)), { startImmediately: true })
      }
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is fine where the queue ends with the request", () =>
    Effect.gen(function* () {
      const queue = Effect.acquireRelease(Queue.sliding<number>(4), Queue.shutdown)
      yield* visits(3, yield* inSet, queue)
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is told as part of a scope where it is in one of the program's", () =>
    Effect.gen(function* () {
      const application = yield* Scope.make()
      const program = Effect.gen(function* () {
        yield* visits(8, (queue) => Effect.forkIn(poll(queue), application))
        yield* pass(2_000)
      })
      yield* Scope.provide(program, application)
      deepStrictEqual(
        new Set((yield* found).map((one) => one.split(",")[0])),
        new Set(["scope-pile-up"]),
      )
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )

  it.effect("is fine where it works for itself", () =>
    Effect.gen(function* () {
      const set = yield* FiberSet.make()
      yield* visits(3, (queue) =>
        Effect.andThen(
          Effect.forkScoped(poll(queue)),
          FiberSet.run(set, Effect.forever(Effect.sleep(100))),
        ),
      )
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded({ grace: 1_000 }))),
  )
})

describe("a fiber of the program", () => {
  it.effect("may feed those who are gone", () =>
    Effect.gen(function* () {
      const queues: Array<Queue.Queue<number>> = []
      yield* Effect.forkScoped(
        Effect.forever(
          Effect.delay(
            Effect.forEach(queues, (queue) => Queue.offer(queue, 1)),
            100,
          ),
        ),
      )
      yield* visits(3, (queue) => Effect.sync(() => queues.push(queue)))
      yield* pass(100_000)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace: 1_000 }))),
  )
})

describe("what is open now", () => {
  it.effect("has a fiber that feeds a stream which is over, until somebody reads that again", () =>
    Effect.gen(function* () {
      const set = yield* FiberSet.make()
      let made: Queue.Queue<number> | undefined
      yield* visits(1, (queue) => {
        made = queue
        return FiberSet.run(set, poll(queue))
      })
      const orphans = Effect.map(
        Effect.flatMap(Lifetimes, ({ openNow }) => openNow),
        (open) => open.orphans.map(({ name, owned }) => [name, owned]),
      )
      yield* pass(5_000)
      deepStrictEqual(yield* orphans, [["poll", true]])
      if (made !== undefined) yield* Effect.forkChild(Effect.forever(Queue.take(made)))
      yield* pass(5_000)
      deepStrictEqual(yield* orphans, [])
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace: 1_000 }))),
  )
})
