/**
 * Whether the seam sees scopes: what is registered in them, which scope they were forked from, and how they
 * close.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { kindOfFinalizer, watchFinalizers } from "./finalizers.ts"
import { isUnused, isWatchable, parentOf, watchClosed, watchScope } from "./scopes.ts"

/** What is seen of a closing scope, as text. */
const close = function* (strategy: "sequential" | "parallel", finalizers: number) {
  const scope = yield* Scope.make(strategy)
  const seen: Array<string | number> = []
  if (!isWatchable(scope) || !isUnused(scope)) return ""
  watchScope(scope, {
    used: () => seen.push("used"),
    closing: (exit, count) => seen.push(exit._tag, count),
    runs: () => seen.push("runs"),
    closed: () => seen.push("closed"),
  })
  const finalizer = Effect.sync(() => seen.push("finalizer"))
  for (let added = 0; added < finalizers; added++) yield* Scope.addFinalizer(scope, finalizer)
  if (isUnused(scope) !== (finalizers === 0)) return ""
  yield* Scope.close(scope, Exit.void)
  return seen.join()
}

export const scopes: Effect.Effect<boolean> = Effect.gen(function* () {
  const empty = yield* close("sequential", 0)
  const used = yield* close("sequential", 1)
  return (
    empty === "Success,0,closed" &&
    used.startsWith("used,Success,") &&
    used.split("closed").length === 2
  )
})

export const finalizers: Effect.Effect<boolean> = Effect.gen(function* () {
  const two = yield* close("sequential", 2)
  const parallel = yield* close("parallel", 2)
  return (
    two === "used,Success,2,runs,finalizer,runs,finalizer,closed" &&
    parallel === two.replaceAll("runs,", "")
  )
})

export const parents: Effect.Effect<boolean> = Effect.gen(function* () {
  const parent = yield* Scope.make()
  const child = yield* Scope.fork(parent)
  return parentOf(child) === parent && parentOf(parent) === undefined
})

export const registrations: Effect.Effect<boolean> = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const told: Array<string> = []
  const tell = (what: string) => (key: object) => told.push(`${what} ${kindOfFinalizer(key)}`)
  watchFinalizers(scope, {
    registered: tell("registered"),
    removed: tell("removed"),
    runs: tell("runs"),
  })
  const child = yield* Scope.fork(scope)
  yield* Scope.close(child, Exit.void)
  yield* Scope.addFinalizer(scope, Effect.void)
  const owned = yield* Effect.forkIn(Effect.never, scope, { startImmediately: true })
  yield* Fiber.interrupt(owned)
  yield* Scope.close(scope, Exit.void)
  watchClosed(scope, () => told.push("released at once"))
  yield* Scope.addFinalizer(scope, Effect.void)
  return (
    told.join() ===
    "registered scope,removed scope,registered release,registered fiber,removed fiber,runs release," +
      "released at once"
  )
})
