import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { forkTracedScope, traceCurrentScope, tracedScope } from "../../otel/index.ts"
import { endedScope, Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

describe("a traced scope", () => {
  it.effect("tells when it opened, when it began to close and when its finalizers had run", () =>
    Effect.gen(function* () {
      yield* pass(1)
      yield* Effect.addFinalizer(() => pass(3)).pipe(
        Effect.andThen(pass(5)),
        tracedScope("handler"),
      )
      const { startedAt, closedAt, endedAt } = yield* endedScope("handler")
      deepStrictEqual([startedAt, closedAt, endedAt], [1_000, 6_000, 9_000])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is told of only when its finalizers have run", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      const seen: Array<number> = []
      yield* Effect.addFinalizer(() => Effect.sync(() => seen.push(ended.length))).pipe(
        tracedScope("handler"),
      )
      deepStrictEqual([...seen, ended.length], [0, 1])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts the program's finalizers and not its own", () =>
    Effect.gen(function* () {
      const finalizer = Effect.addFinalizer(() => Effect.void)
      yield* Effect.void.pipe(tracedScope("none"))
      yield* finalizer.pipe(tracedScope("one"))
      yield* Effect.all([finalizer, finalizer, finalizer]).pipe(tracedScope("three"))
      strictEqual((yield* endedScope("none")).finalizers, 0)
      strictEqual((yield* endedScope("one")).finalizers, 1)
      strictEqual((yield* endedScope("three")).finalizers, 3)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect.each([
    { exit: "success", program: Effect.void },
    { exit: "failure", program: Effect.fail("an error") },
    { exit: "failure", program: Effect.die("a defect") },
    { exit: "interrupt", program: Effect.interrupt },
  ])("tells that it closed on $exit", ({ exit, program }) =>
    Effect.gen(function* () {
      yield* program.pipe(tracedScope("handler"), Effect.exit)
      strictEqual((yield* endedScope("handler")).exit, exit)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells which fiber closed it", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.void.pipe(tracedScope("handler")))
      yield* Fiber.join(fiber)
      strictEqual((yield* endedScope("handler")).closedByFiber, fiber.id)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("has the traced scope around it as its parent", () =>
    Effect.gen(function* () {
      yield* Effect.void.pipe(tracedScope("inner"), tracedScope("outer"))
      const outer = yield* endedScope("outer")
      strictEqual((yield* endedScope("inner")).parent, outer.span.spanId)
      strictEqual(outer.parent, undefined)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("has the role that it is given, and else is a handler's", () =>
    Effect.gen(function* () {
      yield* Effect.void.pipe(tracedScope("named", "layer"))
      yield* Effect.void.pipe(tracedScope("plain"))
      strictEqual((yield* endedScope("named")).role, "layer")
      strictEqual((yield* endedScope("plain")).role, "handler")
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a traced fork of a scope", () => {
  const application = Effect.tap(Effect.scope, () =>
    traceCurrentScope("application", "application"),
  )

  it.effect("is owned by the scope it was forked from, and lives in the current one", () =>
    Effect.gen(function* () {
      const owner = yield* Scope.make()
      yield* Scope.provide(traceCurrentScope("application", "application"), owner)
      yield* forkTracedScope(owner, "connection").pipe(tracedScope("request", "request"))
      yield* Scope.close(owner, Exit.void)
      const connection = yield* endedScope("connection")
      strictEqual(connection.parent, (yield* endedScope("request")).span.spanId)
      strictEqual(connection.ownedBy?.span.spanId, (yield* endedScope("application")).span.spanId)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("closes when the scope closes that it was forked from", () =>
    Effect.gen(function* () {
      const owner = yield* Scope.make()
      yield* forkTracedScope(owner, "connection").pipe(tracedScope("request", "request"))
      yield* pass(7)
      yield* Scope.close(owner, Exit.fail("the end"))
      const { closedAt, exit } = yield* endedScope("connection")
      deepStrictEqual([closedAt, exit], [7_000, "failure"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is forgotten by the scope it was forked from when it closes first", () =>
    Effect.gen(function* () {
      const owner = yield* Scope.make()
      const connection = yield* Effect.scoped(forkTracedScope(owner, "connection"))
      yield* Scope.close(connection, Exit.void)
      strictEqual(owner.state._tag, "Empty")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("of a scope that has closed is closed from the start", () =>
    Effect.gen(function* () {
      const owner = yield* Scope.make()
      yield* Scope.close(owner, Exit.void)
      yield* pass(2)
      const connection = yield* Effect.scoped(forkTracedScope(owner, "connection"))
      strictEqual(connection.state._tag, "Closed")
      const { startedAt, endedAt } = yield* endedScope("connection")
      deepStrictEqual([startedAt, endedAt], [2_000, 2_000])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is recorded once, however often its scope is traced", () =>
    Effect.gen(function* () {
      yield* application.pipe(Effect.andThen(traceCurrentScope("again", "layer")), Effect.scoped)
      const { ended } = yield* Recording
      deepStrictEqual(
        ended.map(({ name }) => name),
        ["application"],
      )
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a traced scope whose finalizers run in parallel", () => {
  it.effect("ends when the last of them has run", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make("parallel")
      yield* Effect.gen(function* () {
        yield* Effect.addFinalizer(() => Effect.sleep(20))
        yield* traceCurrentScope("parallel", "layer")
        yield* Effect.addFinalizer(() => Effect.sleep(10))
      }).pipe(Scope.provide(scope))
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), {
        startImmediately: true,
      })
      yield* pass(20)
      yield* Fiber.join(closing)
      strictEqual((yield* endedScope("parallel")).endedAt, 20_000)
    }).pipe(Effect.provide(recorded())),
  )
})
