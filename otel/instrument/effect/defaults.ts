/*
 * `Context.ts`: a Reference keeps its default on itself once it has been asked for, and any key that is marked as a
 * Reference has one.
 */
import type * as Context from "effect/Context"

const typeId = "~effect/Context/Reference"
const defaultValue = "~effect/Context/defaultValue"

/** Makes this the service of contexts that have none. Gives what ends that. */
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
