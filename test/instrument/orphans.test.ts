import { deepStrictEqual, strictEqual } from "node:assert"
import { fileURLToPath } from "node:url"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Registry } from "../../otel/instrument/records/registry.ts"
import type { CodeLocation } from "../../otel/lifetimes/model.ts"
import { answer, type Handler } from "./exchange.ts"
import { orphanFibers, Recording, recorded } from "./recording.ts"

const grace = 1_000
const lifetimes = recorded({ grace })

const match = (code: CodeLocation | undefined, expected: Partial<CodeLocation>) =>
  deepStrictEqual({ ...code, ...expected }, code)

const pass = (millis: number) => TestClock.adjust(millis)

const found = Effect.map(Recording, ({ findings }) =>
  findings.map(({ rule, operation, at }) => [rule, operation, at]),
)

const report = Effect.fn("report")(function* (millis: number) {
  yield* Effect.sleep(millis)
})

const response = HttpServerResponse.empty()

/** An exchange that starts something, and ends at 1 ms. */
const starting = (start: Effect.Effect<unknown, never, Effect.Services<Handler>>) =>
  Effect.gen(function* () {
    const exchange = yield* Effect.forkChild(
      answer(Effect.as(Effect.andThen(start, Effect.sleep(1)), response)),
      { startImmediately: true },
    )
    yield* pass(1)
    yield* Fiber.join(exchange)
  })

describe("a fiber that a handler detaches", () => {
  it.effect("is an orphan when it still runs after the grace period", () =>
    Effect.gen(function* () {
      yield* starting(Effect.forkDetach(report(5_000)))
      yield* pass(grace)
      deepStrictEqual(yield* found, [])
      yield* pass(2)
      deepStrictEqual(yield* found, [["orphan-fiber", "fiber report", 1_002_000]])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is told with the function in which it was forked, in the finding too", () =>
    Effect.gen(function* () {
      const startReport = Effect.fn("startReport")(function* () {
        yield* Effect.forkDetach(report(5_000))
      })
      yield* starting(startReport())
      yield* pass(9_000)
      const place = { function: "startReport", file: fileURLToPath(import.meta.url) }
      match((yield* orphanFibers)[0]?.code, place)
      match((yield* Recording).findings[0]?.code, place)
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect(
    "is told with the function that it runs, where a handler without a name forked it",
    () =>
      Effect.gen(function* () {
        yield* starting(Effect.forkDetach(report(5_000)))
        yield* pass(9_000)
        const place = { function: "report", file: fileURLToPath(import.meta.url) }
        match((yield* Recording).findings[0]?.code, place)
      }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is told with its name, its beginning and its end", () =>
    Effect.gen(function* () {
      yield* starting(Effect.forkDetach(report(5_000)))
      yield* pass(9_000)
      deepStrictEqual(
        (yield* orphanFibers).map(({ name, startedAt, endedAt }) => [name, startedAt, endedAt]),
        [["report", 0, 5_000_000]],
      )
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is told as open where it runs when the program stops", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(lifetimes).pipe(
        Effect.tap((built) =>
          starting(Effect.forkDetach(report(9_000))).pipe(
            Effect.andThen(pass(3_000)),
            Effect.provideContext(built),
          ),
        ),
        Effect.scoped,
      )
      deepStrictEqual(
        (yield* Effect.provideContext(orphanFibers, context)).map(({ name, endedAt }) => [
          name,
          endedAt,
        ]),
        [["report", undefined]],
      )
    }),
  )

  it.effect("is none where it ends within the grace period, and then nobody hears of it", () =>
    Effect.gen(function* () {
      yield* starting(Effect.forkDetach(report(grace)))
      yield* pass(9_000)
      deepStrictEqual([yield* found, yield* orphanFibers], [[], []])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("has a grace period of its own where it is started after the exchange", () =>
    Effect.gen(function* () {
      const later = Effect.andThen(report(500), Effect.forkDetach(report(900)))
      yield* starting(Effect.forkDetach(later))
      yield* pass(9_000)
      deepStrictEqual([yield* found, yield* orphanFibers], [[], []])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is none where it ends before the exchange does", () =>
    Effect.gen(function* () {
      yield* starting(Effect.forkDetach(Effect.void))
      yield* pass(9_000)
      deepStrictEqual([yield* found, yield* orphanFibers], [[], []])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is none while somebody waits for it", () =>
    Effect.gen(function* () {
      const detached = yield* Deferred.make<Fiber.Fiber<void>>()
      const waiting = yield* Effect.forkChild(
        Effect.flatMap(Deferred.await(detached), Fiber.join),
        { startImmediately: true },
      )
      yield* starting(
        Effect.flatMap(Effect.forkDetach(report(5_000)), (fiber) =>
          Deferred.succeed(detached, fiber),
        ),
      )
      yield* pass(9_000)
      yield* Fiber.join(waiting)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is none where somebody comes to wait for it within the grace period", () =>
    Effect.gen(function* () {
      let detached: Fiber.Fiber<void> | undefined
      yield* starting(
        Effect.tap(Effect.forkDetach(report(5_000)), (fiber) =>
          Effect.sync(() => {
            detached = fiber
          }),
        ),
      )
      yield* pass(grace / 2)
      if (detached === undefined) throw new Error("the handler did not run")
      const waiting = yield* Effect.forkChild(Fiber.join(detached), { startImmediately: true })
      yield* pass(9_000)
      yield* Fiber.join(waiting)
      deepStrictEqual(yield* found, [])
      strictEqual((yield* Registry).orphans.size, 0)
    }).pipe(Effect.provide(lifetimes)),
  )
})

describe("a fiber that has an owner is no orphan", () => {
  const outlives = (
    start: (program: Scope.Scope) => Effect.Effect<unknown, never, Effect.Services<Handler>>,
  ) =>
    Effect.gen(function* () {
      yield* starting(start(yield* Effect.scope))
      yield* pass(9_000)
      deepStrictEqual([yield* found, yield* orphanFibers], [[], []])
    }).pipe(Effect.scoped, Effect.provide(lifetimes))

  it.effect("where it is a child", () => outlives(() => Effect.forkChild(report(5_000))))

  it.effect("where the request's scope owns it", () =>
    outlives(() => Effect.forkScoped(report(5_000))),
  )

  it.effect("where a scope of the program owns it", () =>
    outlives((program) => Effect.forkIn(report(5_000), program)),
  )

  it.effect("where it is in a FiberSet", () =>
    outlives((program) =>
      FiberSet.make<void>().pipe(
        Scope.provide(program),
        Effect.flatMap((tasks) => FiberSet.run(tasks, report(5_000))),
      ),
    ),
  )

  it.effect("where it is in a FiberMap", () =>
    outlives((program) =>
      FiberMap.make<string, void>().pipe(
        Scope.provide(program),
        Effect.flatMap((tasks) => FiberMap.run(tasks, "report", report(5_000))),
      ),
    ),
  )

  it.effect("where a scope that is still open was around it when it started", () =>
    outlives((program) => Effect.forkDetach(report(5_000)).pipe(Scope.provide(program))),
  )
})

describe("a fiber that opened a scope for itself", () => {
  it.effect("is an orphan all the same", () =>
    Effect.gen(function* () {
      const work = Effect.scoped(
        Effect.andThen(
          Effect.addFinalizer(() => Effect.void),
          report(5_000),
        ),
      )
      yield* starting(Effect.forkDetach(work))
      yield* pass(3_000)
      strictEqual((yield* found).length, 1)
    }).pipe(Effect.provide(lifetimes)),
  )
})

describe("many short-lived fibers of one long exchange", () => {
  it.effect("are forgotten as they end", () =>
    Effect.gen(function* () {
      let mostKept = 0
      const { exchanges } = yield* Registry
      const handler = Effect.gen(function* () {
        for (let round = 0; round < 1_000; round++) {
          yield* Effect.forkDetach(Effect.void, { startImmediately: true })
          for (const { detached } of exchanges) mostKept = Math.max(mostKept, detached.size)
        }
        return response
      })
      yield* answer(handler)
      strictEqual(mostKept < 50, true, `${mostKept} were kept`)
    }).pipe(Effect.provide(lifetimes)),
  )
})

describe("a program that stops", () => {
  /** Runs a program for so long; gives the fibers that nothing owned. */
  const stopped = (
    program: Effect.Effect<unknown, never, Registry | Recording | Scope.Scope>,
    after = 3_000,
  ) =>
    Effect.gen(function* () {
      const context = yield* Layer.build(lifetimes).pipe(
        Effect.tap((built) =>
          Effect.scoped(Effect.andThen(program, pass(after))).pipe(Effect.provideContext(built)),
        ),
        Effect.scoped,
      )
      return Context.get(context, Recording).ended.flatMap((record) =>
        record.kind === "fiber" ? [[record.name, record.match?.rule]] : [],
      )
    })

  it.effect("names the fibers that it left behind", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* stopped(Effect.forkDetach(report(9_000))), [
        ["report", "orphan-fiber"],
      ])
    }),
  )

  it.effect("names none so young that it may be about to end", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* stopped(Effect.forkDetach(report(9_000)), grace), [
        ["report", undefined],
      ])
    }),
  )

  it.effect("names none that has an owner or has ended", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* stopped(Effect.forkScoped(report(9_000))), [])
      deepStrictEqual(yield* stopped(Effect.forkDetach(report(1_000))), [])
      deepStrictEqual(yield* stopped(Effect.forkChild(report(9_000))), [])
    }),
  )

  it.effect("names none that runs a request", () =>
    Effect.gen(function* () {
      const serving = Effect.forkDetach(answer(Effect.as(report(9_000), response)))
      deepStrictEqual(yield* stopped(serving), [])
    }),
  )
})
