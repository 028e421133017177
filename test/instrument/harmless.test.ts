import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedScope, tracedStream } from "../../otel/index.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { LifetimeSink } from "../../otel/instrument/records/sink.ts"
import { capturedStderr } from "../support/stderr.ts"
import { answer } from "./exchange.ts"

const broken = (): never => {
  throw new Error("the sink is broken")
}

/** Lifetimes whose sink throws whatever it is told. */
const unlucky = layerLifetimes().pipe(
  Layer.provide(
    Layer.succeed(LifetimeSink, {
      service: "test",
      begun: broken,
      done: broken,
      export: broken,
      exportFinding: broken,
      exportOpen: broken,
      drops: broken,
      answered: broken,
      writes: () => undefined,
    }),
  ),
)

describe("a sink that throws", () => {
  capturedStderr()

  it.effect("does not change how a scope is left and finalized", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const finalizer = (name: string) =>
        Effect.addFinalizer(() => Effect.sync(() => log.push(name)))
      const value = yield* finalizer("first").pipe(
        Effect.andThen(finalizer("second")),
        Effect.as("the result"),
        tracedScope("handler"),
      )
      strictEqual(value, "the result")
      deepStrictEqual(log, ["second", "first"])
    }).pipe(Effect.provide(unlucky)),
  )

  it.effect("does not change what a stream gives", () =>
    Effect.gen(function* () {
      const elements = yield* Stream.make(1, 2).pipe(tracedStream("event"), Stream.runCollect)
      deepStrictEqual(elements, [1, 2])
    }).pipe(Effect.provide(unlucky)),
  )

  it.effect("does not keep a released subscription from interrupting its reader", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const scope = yield* Scope.make()
      const subscription = yield* subscribeTraced(pubsub).pipe(Scope.provide(scope))
      const taking = yield* Effect.forkChild(PubSub.take(subscription), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      strictEqual((yield* Fiber.await(taking))._tag, "Failure")
    }).pipe(Effect.provide(unlucky)),
  )

  it.effect("does not keep a publisher from publishing to a subscription that leaks", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const application = yield* Scope.make()
      yield* answer(
        Effect.as(
          subscribeTraced(pubsub).pipe(Scope.provide(application)),
          HttpServerResponse.empty(),
        ),
      )
      yield* TestClock.adjust("5 seconds")
      strictEqual(yield* PubSub.publish(pubsub, 1), true)
      yield* TestClock.adjust("5 seconds")
      strictEqual(yield* PubSub.publish(pubsub, 2), true)
    }).pipe(Effect.provide(unlucky)),
  )

  it.effect("does not keep the program from stopping with lifetimes open", () =>
    Effect.gen(function* () {
      const exit = yield* Layer.build(unlucky).pipe(
        Effect.flatMap((context) =>
          Effect.provideContext(
            Effect.forkDetach(Effect.never.pipe(tracedScope("open")), { startImmediately: true }),
            context,
          ),
        ),
        Effect.scoped,
        Effect.exit,
      )
      strictEqual(exit._tag, "Success")
    }),
  )
})
