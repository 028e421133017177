import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import type { AnyFiber } from "../../../otel/instrument/effect/fibers.ts"
import { isSparse, runningFiber, sparsely } from "../../../otel/instrument/effect/sparse-hook.ts"
import { asExporting } from "../../../otel/instrument/effect/tracer-hook.ts"

const Given = Context.Reference("test/Given", { defaultValue: () => 0 })

interface Looked {
  readonly primitive: unknown
  readonly fiber: AnyFiber
  readonly given: number
}

/** Runs it under a tracer with such a hook; gives what was looked at. */
const looking = Effect.fnUntraced(function* <A, E>(program: Effect.Effect<A, E>) {
  const looked: Array<Looked> = []
  const hook = sparsely((primitive, fiber) => {
    looked.push({ primitive, fiber, given: Context.get(fiber.context, Given) })
  })
  const span: Tracer.Tracer["span"] = (options) => Tracer.nativeTracer.span(options)
  // Under register too it is left as it is.
  const tracer = asExporting(Tracer.make({ span, context: hook }))
  yield* Effect.exit(Effect.provideService(program, Tracer.Tracer, tracer))
  return looked
})

const steps = (count: number): Effect.Effect<number> =>
  Array.from({ length: count }).reduce<Effect.Effect<number>>(
    (before) => Effect.flatMap(before, (sum) => Effect.succeed(sum + 1)),
    Effect.succeed(0),
  )

describe("the hook of a tracer", () => {
  it.effect("is asked no more often where a fiber does more", () =>
    Effect.gen(function* () {
      const few = yield* looking(steps(1))
      const many = yield* looking(steps(500))
      expect(many.length).toBe(few.length)
      expect(few.length).toBeGreaterThan(0)
    }),
  )

  it.effect("is asked after each change of the context", () =>
    Effect.gen(function* () {
      const changed = Effect.provideService(steps(3), Given, 1)
      const looked = yield* looking(Effect.andThen(changed, Effect.andThen(changed, steps(3))))
      const given = looked.map((one) => one.given)
      expect(given.filter((one, index) => one !== given[index - 1])).toEqual([0, 1, 0, 1, 0])
    }),
  )

  it.effect("is asked when a fiber starts, and when it goes on", () =>
    Effect.gen(function* () {
      const pause = Effect.callback<void>((resume) => queueMicrotask(() => resume(Effect.void)))
      const looked = yield* looking(
        Effect.flatMap(Effect.forkChild(Effect.andThen(pause, pause)), Fiber.join),
      )
      const [parent, child] = [...new Set(looked.map(({ fiber }) => fiber))]
      expect(looked.filter(({ fiber }) => fiber === child).length).toBe(3)
      expect(looked.filter(({ fiber }) => fiber === parent).length).toBeGreaterThan(1)
    }),
  )

  it.effect("is asked before an interrupt that a fiber asks for, once", () =>
    Effect.gen(function* () {
      const first = yield* looking(Effect.interrupt)
      const later = yield* looking(Effect.andThen(steps(3), Effect.interrupt))
      const interrupts = (looked: ReadonlyArray<Looked>) =>
        looked.filter(({ primitive }) => primitive === Effect.interrupt).length
      expect([interrupts(first), interrupts(later)]).toEqual([1, 1])
    }),
  )

  it.effect("of another kind is asked before each primitive", () =>
    Effect.gen(function* () {
      let asked = 0
      const tracer = Tracer.make({
        span: (options) => Tracer.nativeTracer.span(options),
        context: (primitive, fiber) => {
          asked++
          expect(isSparse(fiber.cache)).toBe(false)
          return primitive["~effect/Effect/evaluate"](fiber)
        },
      })
      yield* Effect.provideService(steps(50), Tracer.Tracer, tracer)
      expect(asked).toBeGreaterThan(50)
    }),
  )
})

describe("the fiber that runs", () => {
  const isKnown = () => runningFiber() === Fiber.getCurrent()

  it.effect("is the one that Effect knows: around another, in it, after it and after a pause", () =>
    Effect.gen(function* () {
      let all: ReadonlyArray<boolean> = []
      const asking = Effect.gen(function* () {
        const around = isKnown()
        const within = Effect.runSync(Effect.sync(isKnown))
        const after = isKnown()
        const forked = yield* Fiber.join(yield* Effect.forkChild(Effect.sync(isKnown)))
        yield* Effect.yieldNow
        all = [around, within, after, forked, isKnown()]
      })
      yield* looking(asking)
      expect(all).toEqual([true, true, true, true, true])
    }),
  )

  it("is none where no fiber runs", () => {
    sparsely(() => {})
    expect(isKnown()).toBe(true)
  })
})
