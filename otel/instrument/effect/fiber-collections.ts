/*
 * `FiberSet.ts`, `FiberMap.ts`, `FiberHandle.ts`: what `make` gives has one prototype, and its `deferred` is
 * assigned then. A fiber that fails ends this Deferred with its own exit, for those who wait in `join`.
 * Later failures find it ended, and reach nobody; but each fiber that ends is first deleted from a set of `state`.
 * `Deferred.ts`: the end is assigned to `effect` while they still stand in `resumes`.
 */
import type * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { uncounted } from "./fiber-ids.ts"
import { isReplaceable, isWrappable, onSet, setFunction } from "./properties.ts"

interface Collection {
  deferred: Deferred.Deferred<unknown, unknown>
  readonly state: { readonly backing?: unknown; readonly fibers?: unknown }
}

const unheard = new WeakSet<object>()

/** Whether a collection of fibers was told of this exit while nobody had joined the collection. */
export const isUnheard = (exit: object): boolean => unheard.has(exit)

/**
 * Calls back if a collection of fibers is told of this exit, and nobody has joined the collection. It may be told
 * later than others.
 */
export const whenUnheard = (exit: object, call: () => void): void => {
  if (!sees.collections) return
  queueMicrotask(() => {
    if (isUnheard(exit)) harmlessly(call, undefined)
  })
}

let isWatching = false

/** Notes from now on how fibers end in collections that nobody joins. */
export const watchCollections = (): void => {
  if (isWatching) return
  isWatching = true
  const made = uncounted(() =>
    Effect.runSync(
      Effect.scoped(Effect.all([FiberSet.make(), FiberMap.make(), FiberHandle.make()])),
    ),
  )
  for (const collection of made) watch(Object.getPrototypeOf(collection))
}

const watch = (collections: object): void => {
  if (!isWrappable(collections, "deferred")) return
  // Another installation of the library may have wrapped it before.
  const before = Object.getOwnPropertyDescriptor(collections, "deferred")?.set
  Object.defineProperty(collections, "deferred", {
    configurable: true,
    get: () => undefined,
    set(this: Collection, deferred: Collection["deferred"]) {
      const property = { value: deferred, writable: true, enumerable: true, configurable: true }
      if (before === undefined) Object.defineProperty(this, "deferred", property)
      else before.call(this, deferred)
      if (isWrappable(deferred, "effect"))
        onSet(deferred, "effect", (exit) => ended(this, deferred, exit))
    },
  })
}

const ended = (
  collection: Collection,
  { resumes }: Collection["deferred"],
  exit: Collection["deferred"]["effect"],
): void => {
  if (exit === undefined || (resumes !== undefined && resumes.length > 0)) return
  unheard.add(exit)
  harmlessly(() => watchOthers(collection), undefined)
}

/** It passes on only the first failure. */
const watchOthers = ({ state: { backing, fibers } }: Collection): void => {
  const others = backing instanceof Set ? backing : fibers
  if (!(others instanceof Set) || !isReplaceable(others, "delete")) return
  const remove = others.delete
  setFunction(others, "delete", (fiber: unknown) => {
    const exit = Fiber.isFiber(fiber) ? fiber.pollUnsafe() : undefined
    if (exit?._tag === "Failure") unheard.add(exit)
    return remove.call(others, fiber)
  })
}
