/*
 * `Layer.ts`: every memo map is of one class, whose `getOrElseMemoize` is given a Layer and how that is built, and
 * builds it in a scope of its own unless it has done so before. What a Layer acquires is acquired in that scope.
 * Whoever builds a Layer provides its memo map as `CurrentMemoMap`; `Layer.fresh` builds the Layer that it is given with
 * another one.
 */
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { harmlessly } from "../harmlessly.ts"

type MemoMap = Pick<Layer.MemoMap, "getOrElseMemoize">

const built = new WeakMap<Scope.Scope, object>()

let isWatching = false

/** Knows from now on which Layer is built in a scope. */
export const watchLayers = (): void => {
  if (isWatching) return
  isWatching = true
  harmlessly(() => watch(Object.getPrototypeOf(Layer.makeMemoMapUnsafe())), undefined)
}

const watch = (memoMaps: MemoMap): void => {
  const { getOrElseMemoize } = memoMaps
  const after: MemoMap = {
    getOrElseMemoize(layer, scope, build) {
      const noting: typeof build = (memoMap, own) => {
        if (!harmlessly(() => isFresh(this), false)) built.set(own, layer)
        return build(memoMap, own)
      }
      return Reflect.apply(getOrElseMemoize, this, [layer, scope, noting])
    },
  }
  Object.defineProperty(memoMaps, "getOrElseMemoize", {
    configurable: true,
    writable: true,
    value: after.getOrElseMemoize,
  })
}

/** Those that have built something. */
const used = new WeakSet<MemoMap>()

/** Whether a memo map builds a Layer that is to be shared with nobody. What that consists of may be meant to be shared. */
const isFresh = (memoMap: MemoMap): boolean => {
  if (used.has(memoMap)) return false
  used.add(memoMap)
  const context = Fiber.getCurrent()?.context
  const current = context && Context.getOrUndefined(context, Layer.CurrentMemoMap)
  return current !== undefined && current !== memoMap
}

/** The Layer that is built in the scope, or was; `undefined` where it is no Layer's own, or is built fresh. */
export const layerBuiltIn = (scope: Scope.Scope): object | undefined => built.get(scope)
