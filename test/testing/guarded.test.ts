import { describe, expect, it } from "@effect/vitest"
import {
  Context,
  type Duration,
  Effect,
  Exit,
  Fiber,
  Latch,
  Layer,
  PubSub,
  Scope,
  Stream,
} from "effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { TestClock } from "effect/testing"
import { layerTelemetry, subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import {
  type GuardOptions,
  type GuardServices,
  guarded,
  type KnownProblem,
  LifetimeError,
  settled,
} from "../../otel/testing/index.ts"
import { answer, eventStream } from "../instrument/exchange.ts"

const holding = Effect.addFinalizer(() => Effect.void)

/** Opens a scope that nobody closes. */
const openWorker = Effect.fn("openWorker")(function* () {
  const scope = yield* Scope.make()
  yield* Scope.provide(holding, scope)
})

const poll = Effect.fn("poll")(function* (answer: Effect.Effect<void>) {
  yield* answer
})

const nextTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const failureOf = <A, E>(program: Effect.Effect<A, E, GuardServices>, options?: GuardOptions) =>
  program.pipe(
    guarded({ grace: "50 millis", ...options }),
    Effect.as(undefined),
    Effect.catch((error) =>
      error instanceof LifetimeError ? Effect.succeed(error) : Effect.fail(error),
    ),
  )

const rulesOf = (failure: LifetimeError | undefined) => failure?.findings.map(({ rule }) => rule)

const leftOf = (failure: LifetimeError | undefined) =>
  failure?.leftovers.map(({ kind, name }) => `${kind} ${name}`)

describe("a guarded program", () => {
  it.live("gives what it gives without the guard", () =>
    Effect.gen(function* () {
      expect(yield* Effect.as(Effect.scoped(holding), 1).pipe(guarded())).toBe(1)
    }),
  )

  it.live("fails with a scope that is still open, where it was opened and what it holds", () =>
    Effect.gen(function* () {
      const subscribe = Effect.fn("subscribe")(function* () {
        const scope = yield* Scope.make()
        const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
        yield* subscribeTraced(bus).pipe(Scope.provide(scope))
      })
      const failure = yield* failureOf(subscribe())
      expect(failure?.leftovers).toMatchObject([
        {
          kind: "scope",
          name: "subscribe",
          exchange: undefined,
          holds: ["subscription bus"],
          code: {
            function: "subscribe",
            file: expect.stringContaining("guarded.test.ts"),
            line: expect.any(Number),
          },
        },
      ])
      expect(failure?.message).toMatch(
        /^still open after the end\n {2}scope subscribe · open for \S+ ms, holds subscription bus,\s+opened in subscribe,\s+\S+guarded\.test\.ts:\d+$/,
      )
    }),
  )

  it.live("says around which call a scope was opened, if it is not known where", () =>
    Effect.gen(function* () {
      const held = Effect.fn("held")(function* () {
        yield* Effect.addFinalizer(() => Effect.void)
      })
      const failure = yield* failureOf(
        Effect.flatMap(Scope.make(), (scope) => Scope.provide(held(), scope)),
      )
      expect(failure?.leftovers.map(({ began }) => began)).toEqual(["opened around"])
      expect(failure?.message).toMatch(/scope held · open for \S+ ms, opened around held,\s/)
    }),
  )

  it.live("says once how often the same is left open", () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(Effect.repeat(openWorker(), { times: 299 }))
      expect(failure?.leftovers.length).toBe(300)
      expect(failure?.message).toMatch(
        /^still open after the end\n {2}scope openWorker · 300 times, open for up to \S+ ms, opened in openWorker,\s+\S+:\d+$/,
      )
    }),
  )

  it.live("says once where the scope was opened that a finding is about", () =>
    Effect.gen(function* () {
      const open = Effect.fn("openEarly")(function* () {
        const bus = yield* PubSub.unbounded<string>()
        return yield* Effect.scoped(Effect.map(PubSub.subscribe(bus), Stream.fromSubscription))
      })
      const failure = yield* failureOf(Effect.ignore(answer(Effect.map(open(), eventStream))))
      expect(rulesOf(failure)).toEqual(["scope-closed-early"])
      expect(failure?.message).toContain("(opened in openEarly,")
      expect(failure?.message.match(/guarded\.test\.ts/g)?.length).toBe(2) // and in the evidence
    }),
  )

  it.live("fails with the rule where a fiber is left that nothing owns", () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(Effect.forkDetach(poll(Effect.never)))
      expect([rulesOf(failure), leftOf(failure)]).toEqual([["orphan-fiber"], []])
    }),
  )

  it.live("passes where a child of it holds something until it ends", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const children = [
        Effect.scoped(Effect.andThen(holding, Effect.never)),
        Stream.runDrain(Stream.groupedWithin(Stream.never, 25, "50 millis")),
        Stream.runDrain(Stream.fromPubSub(bus)),
      ]
      const program = Effect.forEach(children, (child) =>
        Effect.forkChild(child, { startImmediately: true }),
      )
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )

  it.live("passes over a scope in which nothing was ever acquired", () =>
    Effect.gen(function* () {
      const program = Effect.flatMap(Scope.make(), (scope) => Scope.provide(Effect.void, scope))
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )

  it.live("fails with a fiber that something outside of it owns", () =>
    Effect.gen(function* () {
      const outside = yield* Effect.scope
      const failure = yield* failureOf(Effect.forkIn(poll(Effect.never), outside))
      expect([rulesOf(failure), leftOf(failure)]).toEqual([[], ["fiber poll"]])
    }),
  )

  it.live("passes where what it left ends within the grace period", () =>
    Effect.gen(function* () {
      const ended = yield* Latch.make()
      const program = Effect.andThen(
        Effect.addFinalizer(() => ended.open),
        Effect.forkDetach(poll(Effect.andThen(ended.await, nextTurn))),
      )
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )

  it.live("passes over scopes that were open around it", () =>
    Effect.gen(function* () {
      const [around, brought] = [yield* Effect.scope, yield* Scope.make()]
      yield* Scope.provide(holding, brought)
      const program = Effect.andThen(
        Scope.provide(holding, around),
        Scope.provide(holding, brought),
      )
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )

  it.live("fails with its own defect first, which is what Effect gives a runner", () =>
    Effect.gen(function* () {
      const program = openWorker().pipe(
        Effect.andThen(Effect.die("its own")),
        guarded({ grace: 10 }),
      )
      const exit = yield* Effect.exit(program)
      const defects = Exit.isFailure(exit)
        ? exit.cause.reasons.map((reason) => (reason._tag === "Die" ? reason.defect : undefined))
        : []
      expect(defects).toEqual(["its own", expect.any(LifetimeError)])
      const shown = yield* Effect.promise(() => Effect.runPromise(program).catch((error) => error))
      expect(shown).toBe("its own")
    }),
  )

  it.live(
    "tells where the fibers were forked that it left, also on top of the stack of its error",
    () =>
      Effect.gen(function* () {
        const outside = yield* Effect.scope
        const detach = Effect.fn("detach")(function* () {
          yield* Effect.forkDetach(poll(Effect.never))
        })
        const keep = Effect.fn("keep")(function* () {
          yield* Effect.forkIn(poll(Effect.never), outside)
        })
        const failure = yield* failureOf(Effect.andThen(detach(), keep()))
        const [found, left] = [failure?.findings[0]?.code, failure?.leftovers[0]?.code]
        expect([found?.function, left?.function]).toEqual(["detach", "keep"])
        expect(failure?.message).toMatch(/code\.function\.name +detach\n.*forked in keep,/s)
        expect(failure?.leftovers[0]?.began).toBe("forked in")
        expect(failure?.stack?.split("\n").slice(-2)).toEqual([
          `    at detach (${found?.file}:${found?.line}:1)`,
          `    at keep (${left?.file}:${left?.line}:1)`,
        ])
      }).pipe(Effect.scoped),
  )

  it.live("tells what a fiber runs that no function forked", () =>
    Effect.gen(function* () {
      const outside = yield* Effect.scope
      const wait = Effect.fn("wait")(() => Effect.never)
      const failure = yield* failureOf(Effect.forkIn(wait(), outside, { startImmediately: true }))
      expect(failure?.leftovers.map(({ began }) => began)).toEqual(["runs"])
      expect(failure?.message).toMatch(/fiber wait · open for \S+ ms, runs wait,\s/)
    }).pipe(Effect.scoped),
  )

  it.live("may leave a scope in which nothing was acquired, nor in what was forked from it", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const scope = yield* Scope.make()
        const child = yield* Scope.fork(yield* Scope.fork(scope))
        yield* Effect.void.pipe(Scope.provide(child), Scope.provide(scope))
        const released = yield* Scope.make()
        yield* Scope.provide(Effect.scoped(holding), released)
      })
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )

  it.live("fails where only what was forked from a scope holds something", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const scope = yield* Scope.make()
        const child = yield* Scope.fork(scope)
        yield* Scope.provide(Effect.void, scope)
        yield* Scope.provide(holding, child)
      })
      expect(leftOf(yield* failureOf(program))).toHaveLength(1)
    }),
  )

  it.live("fails with its own failure first, and with its lifetimes beside", () =>
    Effect.gen(function* () {
      const exit = yield* openWorker().pipe(
        Effect.andThen(Effect.fail("its own")),
        guarded({ grace: 10 }),
        Effect.exit,
      )
      const failures = Exit.isFailure(exit)
        ? exit.cause.reasons.map((reason) => (reason._tag === "Fail" ? reason.error : undefined))
        : []
      expect(failures).toEqual(["its own", expect.any(LifetimeError)])
    }),
  )

  it.live("ends at once where it is interrupted", () =>
    Effect.gen(function* () {
      const running = yield* Effect.never.pipe(
        guarded({ grace: "1 hour" }),
        Effect.forkChild({ startImmediately: true }),
      )
      yield* Fiber.interrupt(running)
      expect(Exit.hasInterrupts(yield* Fiber.await(running))).toBe(true)
    }),
  )

  it.live("shares no Layer with another", () =>
    Effect.gen(function* () {
      class Built extends Context.Service<Built, object>()("test/Built") {}
      const layer = Layer.effect(
        Built,
        Effect.sync(() => ({})),
      )
      const build = Built.pipe(Effect.provide(layer), guarded())
      const [one, other] = yield* Effect.all([build, build], { concurrency: 2 })
      expect(one).not.toBe(other)
    }),
  )
})

describe("a leak that the end of the program's server would hide", () => {
  const owner = Scope.make().pipe(
    Effect.flatMap((scope) =>
      Effect.as(
        Effect.addFinalizer((exit) => Scope.close(scope, exit)),
        scope,
      ),
    ),
  )

  /** A server whose one client has come and gone, and left its subscription to the server's scope. */
  const visited = Effect.gen(function* () {
    const server = yield* owner
    const makeBus = PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
    const bus = yield* Scope.provide(makeBus, server)
    const subscribed = subscribeTraced(bus).pipe(Scope.provide(server))
    yield* answer(Effect.as(subscribed, HttpServerResponse.empty()))
  })

  it.live("is found where the scope of the guard owns the server", () =>
    Effect.gen(function* () {
      expect(rulesOf(yield* failureOf(visited))).toEqual(["subscription-leak"])
    }),
  )

  it.live("is found where the program waits until everything has settled", () =>
    Effect.gen(function* () {
      const program = Effect.scoped(Effect.andThen(visited, settled))
      expect(rulesOf(yield* failureOf(program))).toEqual(["subscription-leak"])
    }),
  )
})

describe("what is known and accepted", () => {
  const leaky = Effect.andThen(openWorker(), Effect.forkDetach(poll(Effect.never)))

  it.live("by the name of a lifetime is not told", () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(leaky, { known: [{ name: "openWorker" }] })
      expect([rulesOf(failure), leftOf(failure)]).toEqual([["orphan-fiber"], []])
    }),
  )

  it.live("by its rule is not told, and what is open is", () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(leaky, { known: [{ rule: "orphan-fiber" }] })
      expect([rulesOf(failure), leftOf(failure)]).toEqual([[], ["scope openWorker"]])
    }),
  )

  it.live("by rule and name is told of any other name", () =>
    Effect.gen(function* () {
      const known = (name: string) =>
        failureOf(leaky, { known: [{ name: "openWorker" }, { rule: "orphan-fiber", name }] })
      expect(rulesOf(yield* known("heartbeat"))).toEqual(["orphan-fiber"])
      expect(yield* known("poll")).toBeUndefined()
    }),
  )

  it("is of a rule that there is, or does not compile", () => {
    const right: KnownProblem = { rule: "slow-consumer" }
    // @ts-expect-error
    const wrong: KnownProblem = { rule: "slow-consumr" }
    expect(right).not.toEqual(wrong)
  })
})

describe("of two guarded programs at once", () => {
  it.live("only the one that leaks fails", () =>
    Effect.gen(function* () {
      const [opened, closed] = [yield* Latch.make(), yield* Latch.make()]
      const leak = openWorker().pipe(Effect.andThen(opened.open), Effect.andThen(closed.await))
      const tidy = nextTurn.pipe(tracedScope("tidy"), Effect.repeat({ times: 3 }))
      const beside = opened.await.pipe(Effect.andThen(tidy), Effect.andThen(closed.open))
      const [leaking, healthy] = yield* Effect.all([failureOf(leak), failureOf(beside)], {
        concurrency: 2,
      })
      expect(leftOf(leaking)).toEqual(["scope openWorker"])
      expect(healthy).toBeUndefined()
    }),
  )
})

describe("under a test clock", () => {
  it.effect("the grace period passes for the program, too", () =>
    Effect.gen(function* () {
      const asleep = (time: Duration.Input) => Effect.forkDetach(poll(Effect.sleep(time)))
      expect(yield* failureOf(asleep("20 millis"))).toBeUndefined()
      expect(rulesOf(yield* failureOf(asleep("10 seconds")))).toEqual(["orphan-fiber"])
    }),
  )

  it.effect("the program moves its clock as it likes", () =>
    Effect.gen(function* () {
      const program = Effect.forkChild(poll(Effect.sleep("10 seconds"))).pipe(
        Effect.tap(() => TestClock.adjust("10 seconds")),
        Effect.flatMap(Fiber.join),
      )
      expect(yield* failureOf(program)).toBeUndefined()
    }),
  )
})

describe("a guard within what records lifetimes", () => {
  it.live.each([
    { title: "a Layer that exports nothing", endpoint: undefined },
    { title: "a Layer with an exporter", endpoint: { url: "http://127.0.0.1:1", exact: false } },
  ])("as $title, sees its program all the same", ({ endpoint }) =>
    Effect.gen(function* () {
      const settings = { endpoint, serviceName: "t", resource: {}, fromEnvironment: false }
      const failure = yield* Effect.provide(failureOf(openWorker()), layerTelemetry(settings))
      expect(leftOf(failure)).toEqual(["scope openWorker"])
    }),
  )

  it.live("sees its program also where that brings a Layer of its own", () =>
    Effect.gen(function* () {
      const settings = {
        endpoint: undefined,
        serviceName: "t",
        resource: {},
        fromEnvironment: false,
      }
      const program = Effect.provide(openWorker(), layerTelemetry(settings))
      const failure = yield* Effect.provide(failureOf(program), layerTelemetry(settings))
      const nested = yield* failureOf(program).pipe(guarded())
      expect([leftOf(failure), leftOf(nested)]).toEqual([
        ["scope openWorker"],
        ["scope openWorker"],
      ])
    }),
  )

  it.live("as another guard does, sees its program all the same", () =>
    Effect.gen(function* () {
      const failure = yield* failureOf(openWorker()).pipe(guarded())
      expect(leftOf(failure)).toEqual(["scope openWorker"])
    }),
  )
})

describe("a program with telemetry of its own", () => {
  const settings = { serviceName: "own", resource: {}, fromEnvironment: false }

  it.live("is guarded all the same where that exports nothing", () =>
    Effect.gen(function* () {
      const own = layerTelemetry({ ...settings, endpoint: undefined })
      const failure = yield* failureOf(openWorker().pipe(Effect.provide(own)))
      expect(leftOf(failure)).toEqual(["scope openWorker"])
    }),
  )

  it.live("is guarded all the same where that has an exporter", () =>
    Effect.gen(function* () {
      const endpoint = { url: "http://127.0.0.1:1", exact: false }
      const own = layerTelemetry({ ...settings, endpoint })
      const failure = yield* failureOf(openWorker().pipe(Effect.provide(own)))
      expect(leftOf(failure)).toEqual(["scope openWorker"])
    }),
  )
})
