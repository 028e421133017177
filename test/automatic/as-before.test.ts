import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { outcome } from "../instrument/outcome.ts"
import { recorded } from "../instrument/recording.ts"
import { Around, Ending, logOf } from "./nested-program.ts"

const inputs = { around: Schema.Array(Around).check(Schema.isMaxLength(6)), ending: Ending }

type Program = readonly [program: Effect.Effect<unknown, unknown>, log: ReadonlyArray<string>]

/** Runs it for a second and then interrupts it; gives what it did and how it ended. */
const run = Effect.fnUntraced(function* (
  [program, log]: Program,
  provide: <A, E>(self: Effect.Effect<A, E>) => Effect.Effect<A, E>,
) {
  const fiber = yield* Effect.forkDetach(provide(program), { startImmediately: true })
  yield* TestClock.adjust("1 second")
  yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
  yield* TestClock.adjust("1 second")
  return [...log, outcome(yield* Fiber.await(fiber))]
})

const plain = <A>(self: A): A => self

const watched = Effect.provide(recorded(), { local: true })

const launched = (): Program => {
  const lines: Array<string> = []
  const note = (what: string) => Effect.sync(() => lines.push(what))
  const layer = (name: string, ends: Effect.Effect<void>) =>
    Layer.effectDiscard(
      Effect.acquireRelease(note(`${name} starts`), (_, exit) =>
        Effect.andThen(note(`${name} ends ${JSON.stringify(outcome(exit))}`), ends),
      ),
    )
  const program = layer("inner", Effect.sleep(10)).pipe(
    Layer.provide(layer("outer", Effect.void)),
    Layer.merge(layer("beside", Effect.sleep(5))),
    Layer.merge(
      Layer.effectDiscard(
        Effect.forkScoped(Effect.onInterrupt(Effect.never, () => note("worker"))),
      ),
    ),
  )
  return [Layer.launch(program), lines]
}

describe("a program under the Layer", () => {
  it.effect.prop(
    "does the same things in the same order, and ends in the same way",
    inputs,
    ({ around, ending }) =>
      Effect.gen(function* () {
        const before = yield* run(logOf(around, ending), plain)
        deepStrictEqual(yield* run(logOf(around, ending), watched), before)
      }),
    { arbitrary: { runs: 300 } },
  )

  it.effect("that is launched and interrupted, stops in the same order", () =>
    Effect.gen(function* () {
      const before = yield* run(launched(), plain)
      deepStrictEqual(yield* run(launched(), watched), before)
    }),
  )
})
