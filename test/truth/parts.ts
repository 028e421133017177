import * as Cache from "effect/Cache"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Pool from "effect/Pool"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import { tracedScope } from "../../otel/index.ts"
import { forever, type Part } from "./plan.ts"
import type { World } from "./world.ts"

type Run = Effect.Effect<unknown, never, Scope.Scope>

/** Runs a part of a handler, for the request of this client. */
export const runPart = (world: World, client: number, part: Part): Run => {
  const { ledger } = world
  switch (part.do) {
    case "config":
      return nested(world, ledger.scoped("config", client))
    case "resource":
      return ledger.scoped("resource", client)
    case "worker":
      return Effect.forkScoped(ledger.during("worker", client)(busy(forever)))
    case "child":
      return child(world, client, part.millis, part.joined)
    case "job":
      return world.jobs === undefined
        ? Effect.void
        : FiberSet.run(world.jobs, ledger.during("job", client)(busy(part.millis)))
    case "keyed job":
      return world.keyedJobs === undefined
        ? Effect.void
        : FiberMap.run(
            world.keyedJobs,
            part.key,
            ledger.during("keyed job", client, "program")(busy(forever)),
          )
    case "singleton":
      return world.singleton
    case "rcRef":
      return world.rcRef === undefined ? Effect.void : RcRef.get(world.rcRef)
    case "rcMap":
      return world.rcMap === undefined ? Effect.void : RcMap.get(world.rcMap, part.key)
    case "pool":
      return usePool(world, part.scoped)
    case "cache":
      return world.cache === undefined ? Effect.void : Cache.get(world.cache, part.key)
    case "scoped cache":
      return world.scopedCache === undefined
        ? Effect.void
        : ScopedCache.get(world.scopedCache, part.key)
    case "session":
      return openSession(world, client)
    case "detach":
      return detach(world, client, part.millis)
    case "timeout":
      return Effect.timeoutOption(
        Effect.scoped(Effect.andThen(ledger.scoped("timeout", client), Effect.never)),
        "3 millis",
      )
    case "race":
      return Effect.raceFirst(
        Effect.scoped(Effect.andThen(ledger.scoped("winner", client), Effect.sleep("3 millis"))),
        Effect.scoped(Effect.andThen(ledger.scoped("loser", client), Effect.never)),
      )
    case "span":
      return Effect.withSpan(Effect.sleep("1 millis"), "part")
    case "look up":
      return nested(world, lookUp)
    case "wait":
      return Effect.sleep(part.millis)
    case "answer":
      return world.answer(part.by)
    case "pile up":
      return part.what === "release"
        ? Scope.provide(ledger.scoped("listener", client), world.application)
        : Effect.forkIn(ledger.during("beats", client)(busy(forever)), world.application)
    case "shut down":
      return part.what === "its own"
        ? Effect.acquireRelease(PubSub.unbounded<string>(), PubSub.shutdown)
        : Effect.addFinalizer(() => PubSub.shutdown(world.bus))
  }
}

/** In a scope of its own, which is named or not. */
export const nested = <A, E, R>(
  { plan: { helpers } }: World,
  self: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  helpers.scope ? tracedScope("nested")(self) : Effect.scoped(self)

const busy = (millis: number): Effect.Effect<void> =>
  millis >= forever ? Effect.forever(Effect.sleep("15 millis")) : Effect.sleep(millis)

const child = Effect.fnUntraced(function* (
  { ledger }: World,
  client: number,
  millis: number,
  joined: boolean,
) {
  const fiber = yield* Effect.forkChild(ledger.during("child", client)(busy(millis)))
  if (joined) yield* Fiber.join(fiber)
})

const usePool = ({ pool }: World, scoped: boolean): Run => {
  if (pool === undefined) return Effect.void
  return scoped
    ? Effect.scoped(Effect.andThen(Pool.get(pool), Effect.sleep("2 millis")))
    : Pool.get(pool)
}

const openSession = Effect.fnUntraced(function* (world: World, client: number) {
  const session = yield* Scope.fork(world.application)
  yield* world.ledger.scoped("session", client, "program").pipe(Scope.provide(session))
  const before = world.sessions.get(client)
  world.sessions.set(client, session)
  if (before !== undefined) yield* Scope.close(before, Exit.void)
})

const detach = Effect.fnUntraced(function* (
  { ledger, progress }: World,
  client: number,
  millis: number,
) {
  const fiber = yield* Effect.forkDetach(ledger.during("detached", client)(busy(millis)))
  progress.afterwards(Fiber.interrupt(fiber))
})

const lookUp = Effect.gen(function* () {
  const answers = yield* PubSub.unbounded<string>()
  const mine = yield* PubSub.subscribe(answers)
  const done = yield* Deferred.make<string>()
  yield* Effect.forkScoped(Deferred.into(PubSub.take(mine), done))
  yield* PubSub.publish(answers, "answer")
  return yield* Deferred.await(done)
})
