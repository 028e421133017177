import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { Lifetimes } from "../../otel/index.ts"
import { runInBackground } from "./background.ts"
import { bye } from "./bus.ts"
import { takeStep } from "./drive.ts"
import { open, type Place } from "./place.ts"
import type { Plan } from "./plan.ts"
import type { Run } from "./run.ts"
import { rest } from "./timing.ts"
import { makeWorld, type World } from "./world.ts"

/** The program of the plan, from its start until it stops. */
export const programOf = Effect.fnUntraced(function* (plan: Plan, run: Run) {
  const { world, place, stop } = yield* start(plan, run)
  for (const one of plan.background) yield* runInBackground(world, one)
  for (const step of plan.steps) yield* takeStep(run, world, place, step)
  yield* Effect.sleep(rest)
  run.look()
  for (const [number, { view }] of run.clients) if (view.end === "open") run.stayed.add(number)
  if (plan.stop.announced) yield* announce
  if (plan.stop.bus === "shutdown") yield* PubSub.shutdown(world.bus)
  if (plan.stop.bus === "end") yield* PubSub.end(world.bus, bye)
  const begun = performance.now()
  yield* stop
  run.stopMillis = performance.now() - begun
})

const announce = Effect.contextWith((context: Context.Context<never>) =>
  Effect.sync(() => Context.getOrUndefined(context, Lifetimes)?.beginShutdown()),
)

interface Built {
  readonly world: World
  readonly place: Place
}

/** Starts the program in the scope with which it is going to stop. */
const start = Effect.fnUntraced(function* (plan: Plan, run: Run) {
  const build = plan.application === "layer" ? inLayer(plan, run) : inProgram(plan, run)
  switch (plan.stop.how) {
    case "ends":
      return { ...(yield* build), stop: Effect.void }
    case "closes": {
      const scope = yield* Scope.make()
      return { ...(yield* Scope.provide(build, scope)), stop: Scope.close(scope, Exit.void) }
    }
    case "interrupted": {
      const built = yield* Deferred.make<Built>()
      const fiber = yield* build.pipe(
        Effect.tap((made) => Deferred.succeed(built, made)),
        Effect.andThen(Effect.never),
        Effect.scoped,
        Effect.forkChild,
      )
      return { ...(yield* Deferred.await(built)), stop: Fiber.interrupt(fiber) }
    }
  }
})

const inProgram = Effect.fnUntraced(function* (plan: Plan, run: Run) {
  const world = yield* makeWorld(plan, run.ledger, run)
  return { world, place: yield* open(world) }
})

class Shared extends Context.Service<Shared, World>()("truth/Shared") {}

class Server extends Context.Service<Server, Place>()("truth/Server") {}

/** A Layer owns what is shared, and another the server that uses it. */
const inLayer = Effect.fnUntraced(function* (plan: Plan, run: Run) {
  const server = Layer.effect(Server, Effect.flatMap(Shared, open))
  const shared = Layer.effect(Shared, makeWorld(plan, run.ledger, run))
  const context = yield* Layer.build(Layer.provideMerge(server, shared))
  return { world: Context.get(context, Shared), place: Context.get(context, Server) }
})
