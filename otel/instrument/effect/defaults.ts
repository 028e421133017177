/*
 * `Context.ts`: a Reference stores its default on itself after the first read. Any key that is marked as a
 * Reference has a default.
 */
import type * as Context from "effect/Context"

const typeId = "~effect/Context/Reference"
const defaultValue = "~effect/Context/defaultValue"

/** Provides this service to every context that has none. Returns a function that stops it. */
export const replaceDefault = <I, A>(key: Context.Key<I, A>, service: A): (() => void) => {
  const before = [typeId, defaultValue].map(
    (property) => [property, Object.getOwnPropertyDescriptor(key, property)] as const,
  )
  Object.assign(key, { [typeId]: typeId, [defaultValue]: service })
  return () => {
    for (const [property, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(key, property)
      else Object.defineProperty(key, property, descriptor)
    }
  }
}
