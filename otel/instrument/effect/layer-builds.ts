/*
 * `Layer.ts`: every memo map has the same class. Its `getOrElseMemoize` gets a Layer and how to build it, and
 * builds it in a new scope unless it has done so before. A memo map with a `parent` asks the parent first. What
 * a Layer acquires is acquired in that scope. Whoever builds a Layer provides the memo map as `CurrentMemoMap`;
 * `Layer.fresh` builds its Layer with another memo map.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { harmlessly } from "../harmlessly.ts"

type MemoMap = Pick<Layer.MemoMap, "getOrElseMemoize">

/** A Layer while it is built, or after. */
export interface LayerBuild {
  readonly layer: object
  /** The services of each Layer that is built together with it, as text. It grows while building goes on. */
  readonly together: ReadonlySet<string>
}

const built = new WeakMap<Scope.Scope, LayerBuild>()

let isWatching = false

/** Records from now on which Layer is built in which scope. */
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

/** A program that runs inside a built Layer may build more: those builds are part of the outer one. */
const noteServices = (memoMap: MemoMap, built: Context.Context<never>): void => {
  const kinds = builtTogether(memoMap)
  if (kinds.size < kindsKept) kinds.add([...built.mapUnsafe.keys()].toSorted().join())
  const outer = outerOf(memoMap)
  if (outer !== undefined) noteServices(outer, built)
}

/** The memo map of the build inside which this one builds; `undefined` for an outermost one. */
export const outerOf = (memoMap: MemoMap): MemoMap | undefined => {
  const parent: unknown = Reflect.get(memoMap, "parent")
  return isMemoMap(parent) ? parent : undefined
}

const isMemoMap = (value: unknown): value is MemoMap =>
  typeof value === "object" && value !== null && "getOrElseMemoize" in value

/** The memo maps that have built something. */
const used = new WeakSet<MemoMap>()

/** Whether a memo map builds a Layer that nobody shares. Its parts may still be shared. */
const isFresh = (memoMap: MemoMap): boolean => {
  if (used.has(memoMap)) return false
  used.add(memoMap)
  const context = Fiber.getCurrent()?.context
  const current = context && Context.getOrUndefined(context, Layer.CurrentMemoMap)
  return current !== undefined && current !== memoMap
}

/**
 * The Layer that is or was built in this scope; `undefined` if the scope belongs to no Layer, or to a fresh
 * one.
 */
export const layerBuiltIn = (scope: Scope.Scope): LayerBuild | undefined => built.get(scope)
