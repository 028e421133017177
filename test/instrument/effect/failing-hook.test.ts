import { deepStrictEqual, ok } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { observing, type RuntimeObserver } from "../../../otel/instrument/effect/tracer-hook.ts"
import { capturedStderr } from "../../support/stderr.ts"
import { outcome } from "../outcome.ts"

/** An observer that throws in one of its methods, and counts how often. */
const failingIn = (method: keyof RuntimeObserver) => {
  const seen = { failures: 0 }
  const methods = { started: () => {}, entered: () => {}, called: () => {}, interrupted: () => {} }
  const observer: RuntimeObserver = {
    ...methods,
    serving: () => {},
    [method]: () => {
      seen.failures++
      throw new Error(`${method} is broken`)
    },
  }
  return [observer, seen] as const
}

/** Does, twice, everything of which an observer is told. */
const program = Effect.gen(function* () {
  const log: Array<unknown> = []
  const request = Effect.gen(function* () {
    const pubsub = yield* PubSub.unbounded<number>()
    const subscription = yield* Effect.scoped(PubSub.subscribe(pubsub))
    yield* Effect.acquireRelease(
      Effect.sync(() => log.push("acquired")),
      (_, exit) => Effect.sync(() => log.push(outcome(exit))),
    )
    yield* Effect.fn("inner")(() => Effect.fail("inner"))().pipe(Effect.ignore)
    yield* Stream.fromSubscription(subscription).pipe(Stream.runDrain)
    return yield* PubSub.take(subscription)
  })
  const served = Effect.useSpan("GET", { kind: "server" }, (span) =>
    request.pipe(
      Effect.scoped,
      Effect.withParentSpan(span),
      Effect.onExit((exit) => Effect.sync(() => log.push(outcome(exit)))),
    ),
  )
  for (let count = 0; count < 2; count++) {
    const fiber = yield* Effect.forkDetach(served)
    log.push(outcome(yield* Fiber.await(fiber)))
  }
  return log
})

describe("an observer that throws", () => {
  const stderr = capturedStderr()

  it.effect.each(["started", "entered", "called", "interrupted", "serving"] as const)(
    "in %s changes nothing, and is asked again",
    (method) =>
      Effect.gen(function* () {
        const [observer, seen] = failingIn(method)
        const tracer = observing(yield* Tracer.Tracer, observer)
        const watched = yield* program.pipe(Effect.provideService(Tracer.Tracer, tracer))
        deepStrictEqual(watched, yield* program)
        ok(seen.failures > 1)
        ok(stderr.mock.calls.length <= 1)
      }),
  )
})
