import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import type { QueueRecord } from "../../otel/instrument/records/record.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const lifetimes = recorded({ grace: 1_000, markOpen: true })

type Events = Queue.Queue<number, Cause.Done>

const pass = (millis: number) => TestClock.adjust(millis)

/** A stream takes all that waits: the first event, and then nothing, where it stalls. */
const stall = (queue: Events) => Effect.andThen(Queue.offer(queue, 0), pass(1))

const fill = (queue: Events, count: number) =>
  Effect.forEach(Array.from({ length: count }), (_, index) => Queue.offer(queue, index))

/** A stream whose client reads nothing after the first event. */
const stalled = (events: Stream.Stream<number>) =>
  eventStream(Stream.mapEffect(events, () => Effect.never))

/** A client is there while something happens, and leaves; gives what is recorded of queues, and found. */
const visited = (
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, Scope.Scope>,
  meanwhile: Effect.Effect<unknown, unknown, Recording>,
) =>
  Effect.gen(function* () {
    const client = yield* Effect.forkChild(answer(handler), { startImmediately: true })
    yield* pass(1)
    yield* meanwhile
    yield* Fiber.interrupt(client)
    const { ended, findings } = yield* Recording
    const queues = ended.filter((record): record is QueueRecord => record.kind === "queue")
    return { queues, found: findings.map(({ rule, operation }) => `${rule}, ${operation}`) }
  }).pipe(Effect.provide(lifetimes))

/** The same of a handler that gives its queue away. */
const withQueue = (
  make: Effect.Effect<Events>,
  respond: (queue: Events) => HttpServerResponse.HttpServerResponse,
  meanwhile: (queue: Events) => Effect.Effect<unknown, unknown, Recording>,
) =>
  Effect.gen(function* () {
    let made: Events | undefined
    const subscribe = Effect.fn("subscribe")(function* () {
      made = yield* make
      return respond(made)
    })
    const use = Effect.suspend(() => (made === undefined ? Effect.void : meanwhile(made)))
    return yield* visited(subscribe(), use)
  })

const unbounded = Queue.unbounded<number, Cause.Done>()

const slow = ["slow-consumer, queue subscribe"]

describe("a queue without a bound", () => {
  const read = (queue: Events) => stalled(Stream.fromQueue(queue))

  it.effect("is found where more than 1,000 wait for longer than the grace period", () =>
    Effect.gen(function* () {
      const { found, queues } = yield* withQueue(unbounded, read, (queue) =>
        Effect.all([stall(queue), fill(queue, 1_500), pass(1_100)]),
      )
      deepStrictEqual(found, slow)
      deepStrictEqual(
        queues.map(({ name, backlog, fullFor, readBy }) => [name, backlog, fullFor, readBy.length]),
        [["subscribe", 1_500, 1_100_000, 1]],
      )
    }),
  )

  it.effect("is found where its reader never had to wait", () =>
    Effect.gen(function* () {
      const filled = Effect.tap(unbounded, (queue) => fill(queue, 10))
      const { found } = yield* withQueue(filled, read, (queue) =>
        Effect.andThen(fill(queue, 1_500), pass(1_100)),
      )
      deepStrictEqual(found, slow)
    }),
  )

  it.effect("is fine where that was read in time", () =>
    Effect.gen(function* () {
      const { found } = yield* withQueue(unbounded, read, (queue) =>
        Effect.gen(function* () {
          yield* stall(queue)
          yield* fill(queue, 1_500)
          yield* pass(900)
          yield* Queue.takeN(queue, 1_000)
          yield* fill(queue, 100)
          yield* pass(900)
          yield* fill(queue, 700)
          yield* pass(900)
        }),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is fine where nothing more can come", () =>
    Effect.gen(function* () {
      const { found } = yield* withQueue(unbounded, read, (queue) =>
        Effect.all([stall(queue), fill(queue, 1_500), Queue.end(queue), pass(5_000)]),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is fine where the stream fills it, and reads something else", () =>
    Effect.gen(function* () {
      const log = (queue: Events) =>
        eventStream(Stream.mapEffect(Stream.tick(10), () => fill(queue, 50)))
      const { found } = yield* withQueue(unbounded, log, () => pass(5_000))
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is nobody's where the stream fills it, also once it is full", () =>
    Effect.gen(function* () {
      const audit = (queue: Events) =>
        eventStream(Stream.mapEffect(Stream.tick(10), () => fill(queue, 3)))
      const { queues } = yield* withQueue(Queue.bounded<number, Cause.Done>(2), audit, (queue) =>
        Effect.all([pass(50), Queue.take(queue), pass(1_000)]),
      )
      deepStrictEqual(queues, [])
    }),
  )

  it.effect("is fine where it is the program's", () =>
    Effect.gen(function* () {
      const queue = yield* unbounded
      const { found, queues } = yield* visited(
        Effect.succeed(read(queue)),
        Effect.all([stall(queue), fill(queue, 1_500), pass(5_000)]),
      )
      deepStrictEqual([found, queues], [[], []])
    }),
  )

  it.effect("is found where a listener of the stream fills it", () =>
    Effect.gen(function* () {
      let queue: Events | undefined
      const events = Stream.callback<number>((made) =>
        Effect.sync(() => {
          queue = made
        }),
      )
      const { found } = yield* visited(
        Effect.succeed(stalled(events)),
        Effect.gen(function* () {
          if (queue === undefined) return
          yield* stall(queue)
          for (let event = 0; event < 1_500; event++) Queue.offerUnsafe(queue, event)
          yield* pass(1_100)
        }),
      )
      deepStrictEqual(found, ["slow-consumer, unnamed queue"])
    }),
  )
})

describe("a stream that is behind with its queue", () => {
  it.effect("is told of while its client is there", () =>
    Effect.gen(function* () {
      const told: Array<number> = []
      yield* withQueue(
        unbounded,
        (queue) => stalled(Stream.fromQueue(queue)),
        (queue) =>
          Effect.gen(function* () {
            const { open } = yield* Recording
            yield* stall(queue)
            yield* fill(queue, 1_500)
            for (const millis of [900, 200]) {
              yield* pass(millis)
              told.push(open.length)
            }
          }),
      )
      deepStrictEqual(told, [0, 1])
    }),
  )
})

describe("a fiber that fills a queue and fails", () => {
  /** Fills the queue at 100 ms, and fails at 200. */
  const feed = Effect.fn("feed")(function* (queue: Events) {
    yield* Effect.sleep(100)
    yield* Queue.offer(queue, 1)
    yield* Effect.sleep(100)
    return yield* Effect.fail("no access")
  })

  /** What is found where a fiber of the handler does this with the queue, and a client stays for ten seconds. */
  const foundWhile = (start: (queue: Events) => Effect.Effect<unknown, unknown, Scope.Scope>) =>
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const queue = yield* Queue.bounded<number, Cause.Done>(16)
        yield* start(queue)
        const beats = Stream.tick(50)
        return eventStream(Stream.merge(Stream.fromQueue(queue), beats, { haltStrategy: "left" }))
      })
      return (yield* visited(handler, pass(10_000))).found
    })

  const failure = ["unobserved-failure, fiber feed"]

  it.effect("is found where nobody is told", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* foundWhile((queue) => Effect.forkScoped(feed(queue))), failure)
    }),
  )

  it.effect("is found behind a buffer, too", () =>
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const queue = yield* Queue.bounded<number, Cause.Done>(16)
        yield* Effect.forkScoped(feed(queue))
        return eventStream(Stream.buffer(Stream.fromQueue(queue), { capacity: 4 }))
      })
      deepStrictEqual((yield* visited(handler, pass(10_000))).found, failure)
    }),
  )

  it.effect("is found behind Stream.share, too", () =>
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const queue = yield* Queue.bounded<number, Cause.Done>(16)
        yield* Effect.forkScoped(feed(queue))
        const shared = Stream.share(Stream.fromQueue(queue), { capacity: 16 })
        return eventStream(
          Stream.merge(Stream.unwrap(shared), Stream.tick(50), { haltStrategy: "left" }),
        )
      })
      deepStrictEqual((yield* visited(handler, pass(10_000))).found, failure)
    }),
  )

  it.effect("is fine where the queue ends with it", () =>
    Effect.gen(function* () {
      const start = (queue: Events) =>
        Effect.forkScoped(Effect.ensuring(feed(queue), Queue.end(queue)))
      deepStrictEqual(yield* foundWhile(start), [])
    }),
  )

  it.effect("is fine where somebody is told", () =>
    Effect.gen(function* () {
      const start = (queue: Events) =>
        Effect.forkScoped(
          Effect.flatMap(Effect.forkDetach(feed(queue)), (fiber) => Fiber.await(fiber)),
          { startImmediately: true },
        )
      deepStrictEqual(yield* foundWhile(start), [])
    }),
  )

  it.effect("is fine where another fills it too", () =>
    Effect.gen(function* () {
      const start = (queue: Events) =>
        Effect.andThen(
          Effect.forkScoped(feed(queue)),
          Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, 2), "1 second"))),
        )
      deepStrictEqual(yield* foundWhile(start), [])
    }),
  )

  it.effect("is fine where the stream waits for another queue too", () =>
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const queue = yield* Queue.bounded<number, Cause.Done>(16)
        const other = yield* Queue.bounded<number, Cause.Done>(16)
        yield* Effect.forkScoped(feed(queue))
        return eventStream(Stream.merge(Stream.fromQueue(queue), Stream.fromQueue(other)))
      })
      deepStrictEqual((yield* visited(handler, pass(10_000))).found, [])
    }),
  )
})
