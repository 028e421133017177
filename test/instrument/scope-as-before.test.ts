import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { traceCurrentScope, tracedScope } from "../../otel/index.ts"
import { outcome } from "./outcome.ts"
import { recorded } from "./recording.ts"

const Ends = Schema.Literals(["success", "failure", "defect", "interrupt"])

type Ends = typeof Ends.Type

const end = (how: Ends, what: string): Effect.Effect<string, string> => {
  if (how === "success") return Effect.succeed(what)
  if (how === "failure") return Effect.fail(what)
  if (how === "defect") return Effect.die(what)
  return Effect.interrupt
}

/** Finalizers that end in their own ways, then the body; gives what happened, in order. */
const program = (finalizers: ReadonlyArray<Ends>, body: Ends, log: Array<unknown>) =>
  Effect.gen(function* () {
    for (const [index, how] of finalizers.entries()) {
      yield* Effect.addFinalizer((exit) =>
        Effect.sync(() => log.push([index, outcome(exit)])).pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(Effect.orDie(end(how, `finalizer ${index}`))),
        ),
      )
    }
    return yield* end(body, "the body")
  })

type Scoped = <A, E, R>(
  self: Effect.Effect<A, E, R>,
) => Effect.Effect<A, E, Exclude<R, Scope.Scope>>

const run = Effect.fnUntraced(function* (
  scoped: Scoped,
  finalizers: ReadonlyArray<Ends>,
  body: Ends,
) {
  const log: Array<unknown> = []
  const fiber = yield* Effect.forkChild(scoped(program(finalizers, body, log)))
  log.push(outcome(yield* Fiber.await(fiber)))
  return log
})

const inputs = { finalizers: Schema.Array(Ends).check(Schema.isMaxLength(4)), body: Ends }

describe("a program in a traced scope", () => {
  it.effect.prop("ends and is finalized as in Effect.scoped", inputs, ({ finalizers, body }) =>
    Effect.gen(function* () {
      const plain = yield* run(Effect.scoped, finalizers, body)
      const traced = yield* run(tracedScope("handler"), finalizers, body)
      deepStrictEqual(traced, plain)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect.prop(
    "ends and is finalized as in Effect.scoped where nothing is recorded",
    inputs,
    ({ finalizers, body }) =>
      Effect.gen(function* () {
        const plain = yield* run(Effect.scoped, finalizers, body)
        const traced = yield* run(tracedScope("handler"), finalizers, body)
        deepStrictEqual(traced, plain)
      }),
  )

  it.effect("is interrupted as in Effect.scoped", () =>
    Effect.gen(function* () {
      const interrupted = (scoped: Scoped) =>
        Effect.gen(function* () {
          const log: Array<unknown> = []
          const fiber = yield* Effect.addFinalizer((exit) =>
            Effect.sync(() => log.push(outcome(exit))),
          ).pipe(Effect.andThen(Effect.never), scoped, Effect.forkChild({ startImmediately: true }))
          yield* Fiber.interrupt(fiber)
          log.push(outcome(yield* Fiber.await(fiber)))
          return log
        })
      deepStrictEqual(yield* interrupted(tracedScope("handler")), yield* interrupted(Effect.scoped))
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("keeps finalizers that run in parallel running in parallel", () =>
    Effect.gen(function* () {
      const done: Array<string> = []
      const scope = yield* Scope.make("parallel")
      const finalizer = (name: string, millis: number) =>
        Effect.addFinalizer(() =>
          Effect.sleep(millis).pipe(Effect.andThen(Effect.sync(() => done.push(name)))),
        )
      yield* finalizer("late", 20).pipe(
        Effect.andThen(traceCurrentScope("parallel", "layer")),
        Effect.andThen(finalizer("early", 10)),
        Scope.provide(scope),
      )
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), {
        startImmediately: true,
      })
      yield* TestClock.adjust(20)
      yield* Fiber.join(closing)
      deepStrictEqual(done, ["early", "late"])
    }).pipe(Effect.provide(recorded())),
  )
})
