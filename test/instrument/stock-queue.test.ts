import { describe, expect, it } from "@effect/vitest"
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { LifetimesOptions } from "../../otel/instrument/automatic.ts"
import { answer, eventStream } from "./exchange.ts"
import { endedStream, recorded } from "./recording.ts"

const innocent = Effect.scoped(Effect.acquireRelease(Effect.succeed("config"), () => Effect.void))

const fed = Effect.gen(function* () {
  const queue = yield* Queue.unbounded<number>()
  yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, 1), "2 millis")))
  return queue
})

/** What is found about one request, with what it is sure of. */
const found = <E>(
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, Scope.Scope>,
  options: LifetimesOptions = {},
) =>
  Effect.gen(function* () {
    yield* Effect.exit(answer(handler))
    const { exchange, shutQueue } = yield* endedStream("body")
    const matches = exchange?.matches.map(({ rule, confidence }) => `${rule} ${confidence}`) ?? []
    return { matches, message: exchange?.matches[0]?.message, by: shutQueue?.by }
  }).pipe(Effect.provide(recorded(options)))

describe("a stream whose queue was shut down", () => {
  const onPurpose = Effect.gen(function* () {
    yield* innocent
    const queue = yield* fed
    yield* Effect.forkScoped(Effect.delay(Queue.shutdown(queue), "30 millis"))
    return eventStream(Stream.fromQueue(queue))
  })

  it.live("by a sibling on purpose accuses no scope that had closed before", () =>
    Effect.gen(function* () {
      const { matches, by } = yield* found(onPurpose)
      expect(matches.filter((match) => match.startsWith("scope-closed-early"))).toEqual([])
      expect(by).toBeUndefined()
    }),
  )

  it.live("while it was busy accuses no scope that had closed before", () =>
    Effect.gen(function* () {
      const { matches } = yield* found(
        Effect.gen(function* () {
          yield* innocent
          const queue = yield* Queue.unbounded<number>()
          yield* Queue.offer(queue, 1)
          const busy = Stream.mapEffect(Stream.fromQueue(queue), (event) =>
            Effect.as(Queue.shutdown(queue), event),
          )
          return eventStream(busy)
        }),
      )
      expect(matches.filter((match) => match.startsWith("scope-closed-early"))).toEqual([])
    }),
  )

  it.live("by a nested scope of its handler names that", () =>
    Effect.gen(function* () {
      const queue = Effect.acquireRelease(Queue.unbounded<number>(), Queue.shutdown)
      const { matches, message } = yield* found(
        Effect.andThen(
          innocent,
          Effect.scoped(
            Effect.fn("openQueue")(() =>
              Effect.map(queue, (it) => eventStream(Stream.fromQueue(it))),
            )(),
          ),
        ),
      )
      expect(matches).toEqual(["scope-closed-early certain"])
      expect(message).toMatch(
        /^Scope "openQueue" \(opened around openQueue, \S+\) closed at \S+ m?s and shut the queue down that stream "body" reads/,
      )
    }),
  )

  it.live("by a scope of the program that had closed before names that", () =>
    Effect.gen(function* () {
      const feed = yield* Scope.make()
      const queue = yield* Scope.provide(
        Effect.acquireRelease(Queue.unbounded<number>(), Queue.shutdown),
        feed,
      )
      yield* Scope.provide(Effect.scope, feed)
      yield* Scope.close(feed, yield* Effect.exit(Effect.void))
      yield* Effect.sleep("5 millis")
      yield* Effect.exit(answer(Effect.succeed(eventStream(Stream.fromQueue(queue)))))
      const { exchange } = yield* endedStream("body")
      expect(exchange?.matches.map(({ rule, confidence }) => [rule, confidence])).toEqual([
        ["scope-closed-early", "certain"],
      ])
      expect(exchange?.matches[0]?.message).toContain("had closed")
    }).pipe(Effect.provide(recorded())),
  )

  it.live("by somebody else is healthy", () =>
    Effect.gen(function* () {
      const queue = yield* fed
      const hasRead = yield* Deferred.make<void>()
      const events = Stream.tap(Stream.fromQueue(queue), () => Deferred.succeed(hasRead, undefined))
      const reading = yield* Effect.forkChild(
        Effect.exit(answer(Effect.succeed(eventStream(events)))),
      )
      yield* Deferred.await(hasRead)
      yield* answer(Effect.as(Queue.shutdown(queue), HttpServerResponse.empty()))
      yield* Fiber.join(reading)
      const { exchange, endedBy } = yield* endedStream("body")
      expect([exchange?.matches, endedBy]).toEqual([[], "upstream"])
    }).pipe(Effect.provide(recorded())),
  )

  it.live("is explained by nothing where queues are not observed", () =>
    Effect.gen(function* () {
      const { by } = yield* found(onPurpose, { observe: { queue: false } })
      expect(by).toBeUndefined()
    }),
  )
})

describe("a queue that ends with its stream", () => {
  it.live.each([
    { how: "ended", end: (queue: Queue.Queue<number, Cause.Done>) => Queue.end(queue) },
    { how: "left to its scope", end: () => Effect.void },
  ])("is healthy where it is $how", ({ end }) =>
    Effect.gen(function* () {
      const body = Stream.callback<number>((queue) =>
        Effect.gen(function* () {
          yield* Queue.offerAll(queue, [1, 2, 3])
          yield* end(queue)
        }),
      )
      const { matches } = yield* found(Effect.as(innocent, eventStream(Stream.take(body, 3))))
      expect(matches).toEqual([])
    }),
  )
})
