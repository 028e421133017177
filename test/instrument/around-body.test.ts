import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { endedStream, Recording, recorded } from "./recording.ts"

interface Pool {
  open: boolean
}

const Pool = Context.Service<Pool>("test/Pool")

const openPool = Effect.fn("openPool")(function* () {
  return yield* Effect.acquireRelease(
    Effect.sync((): Pool => ({ open: true })),
    (pool) =>
      Effect.sync(() => {
        pool.open = false
      }),
  )
})

const layerPool = Layer.effect(Pool, openPool())

const rows = (pool: Pool): Stream.Stream<string, Error> =>
  Stream.fromEffect(
    Effect.suspend(() =>
      pool.open ? Effect.succeed("row") : Effect.fail(new Error("the pool is closed")),
    ),
  )

const failing = Stream.fail(new Error("no space left"))

/** Of the scopes of a request, other than its own: whether they hand out a body, and where they were used first. */
const seenOf = (handler: Handler) =>
  Effect.gen(function* () {
    yield* Effect.exit(answer(handler))
    const { exchange } = yield* endedStream("body")
    return {
      scopes: exchange?.scopes
        .filter(({ role }) => role !== "request")
        .map(({ handsOut, firstUse }) => [handsOut, firstUse?.code?.function]),
      rules: exchange?.matches.map(({ rule }) => rule),
    }
  }).pipe(Effect.provide(recorded()))

describe("a scope around what makes a body", () => {
  it.live("is known to hand it out, and in which function something was acquired", () =>
    Effect.gen(function* () {
      const handler = Effect.scoped(Effect.map(openPool(), (pool) => eventStream(rows(pool))))
      deepStrictEqual(yield* seenOf(handler), {
        scopes: [[true, "openPool"]],
        rules: ["scope-closed-early"],
      })
    }),
  )

  it.live("may give a stream, or several things of which one is a stream", () =>
    Effect.gen(function* () {
      const stream = Effect.scoped(Effect.map(openPool(), rows))
      const handler = Effect.map(stream, (events) => eventStream(events))
      deepStrictEqual((yield* seenOf(handler)).rules, ["scope-closed-early"])
      const both = Effect.scoped(Effect.map(openPool(), (pool) => ["rows", rows(pool)] as const))
      const named = Effect.map(both, ([, events]) => eventStream(events))
      deepStrictEqual((yield* seenOf(named)).rules, ["scope-closed-early"])
    }),
  )

  it.live("may be that of a Layer", () =>
    Effect.gen(function* () {
      const handler = Effect.map(Pool, (pool) => eventStream(rows(pool)))
      deepStrictEqual(yield* seenOf(Effect.provide(handler, layerPool)), {
        scopes: [[true, "openPool"]],
        rules: ["scope-closed-early"],
      })
      const asked = Effect.provide(Effect.asVoid(Pool), layerPool)
      const apart = Effect.as(asked, eventStream(failing))
      deepStrictEqual((yield* seenOf(apart)).rules, ["server-ended-stream"])
    }),
  )

  it.live("is innocent where it gave no body", () =>
    Effect.gen(function* () {
      const asked = Effect.scoped(Effect.asVoid(openPool()))
      deepStrictEqual(yield* seenOf(Effect.as(asked, eventStream(failing))), {
        scopes: [[false, undefined]],
        rules: ["server-ended-stream"],
      })
    }),
  )
})

describe("a scope that had closed when a handler entered it", () => {
  const closed = Effect.tap(Scope.make(), (scope) => Scope.close(scope, Exit.void))

  it.live("is known to have been used, by each of its exchanges", () =>
    Effect.gen(function* () {
      const scope = yield* closed
      const handler = Effect.map(openPool(), (pool) => eventStream(rows(pool)))
      for (let request = 0; request < 2; request++) {
        deepStrictEqual(yield* seenOf(Scope.provide(handler, scope)), {
          scopes: [[false, "openPool"]],
          rules: ["scope-closed-early"],
        })
      }
    }),
  )

  it.live("is innocent where nothing was acquired in it", () =>
    Effect.gen(function* () {
      const handler = Scope.provide(Effect.succeed(eventStream(failing)), yield* closed)
      deepStrictEqual(yield* seenOf(handler), {
        scopes: [[false, undefined]],
        rules: ["server-ended-stream"],
      })
    }),
  )

  it.live("explains a handler that fails with what is gone", () =>
    Effect.gen(function* () {
      const handler = Effect.flatMap(openPool(), (pool) => Stream.runCollect(rows(pool)))
      const failed = Effect.map(Effect.orDie(handler), () => HttpServerResponse.empty())
      const provided = recorded()
      const found = Effect.gen(function* () {
        yield* Effect.exit(answer(Scope.provide(failed, yield* closed)))
        const { findings } = yield* Recording
        return findings.map(({ rule, evidence }) => [rule, evidence["code.function.name"]])
      }).pipe(Effect.provide(provided))
      deepStrictEqual(yield* found, [["scope-closed-early", "openPool"]])
    }),
  )
})
