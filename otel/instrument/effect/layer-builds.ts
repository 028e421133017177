/*
 * `Layer.ts`: every memo map is of one class, whose `getOrElseMemoize` is given a Layer and how that is built, and
 * builds it in a scope of its own unless it has done so before. A memo map that has a `parent` asks that first. What a Layer acquires is acquired in that scope.
 * Whoever builds a Layer provides its memo map as `CurrentMemoMap`; `Layer.fresh` builds the Layer that it is given with
 * another one.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { harmlessly } from "../harmlessly.ts"

type MemoMap = Pick<Layer.MemoMap, "getOrElseMemoize">

/** A Layer as it is built. */
export interface LayerBuild {
  readonly layer: object
  /** What is built together with it: the services that each Layer gives, as text. It grows while that goes on. */
  readonly together: ReadonlySet<string>
}

const built = new WeakMap<Scope.Scope, LayerBuild>()

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
        const together = harmlessly(() => builtTogether(this), new Set<string>())
        if (!harmlessly(() => isFresh(this), false)) built.set(own, { layer, together })
        return Effect.map(build(memoMap, own), (services) => {
          harmlessly(() => noteServices(this, services), undefined)
          return services
        })
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

const services = new WeakMap<MemoMap, Set<string>>()

const builtTogether = (memoMap: MemoMap): Set<string> => {
  const known = services.get(memoMap) ?? new Set()
  services.set(memoMap, known)
  return known
}

/** A program may build Layers for each request. */
const kindsKept = 256

/** What is built within a program that runs in what another has built is part of that, too. */
const noteServices = (memoMap: MemoMap, built: Context.Context<never>): void => {
  const kinds = builtTogether(memoMap)
  if (kinds.size < kindsKept) kinds.add([...built.mapUnsafe.keys()].toSorted().join())
  const parent: unknown = Reflect.get(memoMap, "parent")
  if (isMemoMap(parent)) noteServices(parent, built)
}

const isMemoMap = (value: unknown): value is MemoMap =>
  typeof value === "object" && value !== null && "getOrElseMemoize" in value

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
export const layerBuiltIn = (scope: Scope.Scope): LayerBuild | undefined => built.get(scope)
