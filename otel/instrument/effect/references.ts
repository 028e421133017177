/*
 * `Context.ts`: service keys are made from one prototype. Its `~effect/Effect/evaluate` looks the service up in
 * the context of the fiber that asks for it.
 */
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

/** A fiber has asked for a Reference. */
type Asked = (fiber: AnyFiber, reference: Context.Reference<unknown>) => void

const evaluate = "~effect/Effect/evaluate"

const told = new Set<Asked>()

let isWatching = false

/** Calls back whenever a fiber asks for a Reference. Returns a function that stops it. */
export const onReference = (asked: Asked): (() => void) => {
  if (!isWatching) watch()
  told.add(asked)
  return () => told.delete(asked)
}

const Known = Context.Reference("scopeline/Known", { defaultValue: () => undefined })

const watch = (): void => {
  isWatching = true
  const keys: object = Object.getPrototypeOf(Known)
  const before: unknown = Reflect.get(keys, evaluate)
  if (typeof before !== "function" || !Object.hasOwn(keys, evaluate)) return
  const after = function (this: Context.Key<never, unknown>, fiber: unknown) {
    if (told.size > 0 && Context.isReference(this) && Fiber.isFiber(fiber)) tell(fiber, this)
    return before.call(this, fiber)
  }
  Object.defineProperty(keys, evaluate, { configurable: true, writable: true, value: after })
}

const tell = (fiber: AnyFiber, reference: Context.Reference<unknown>): void => {
  for (const asked of told) harmlessly(() => asked(fiber, reference), undefined)
}

/** Whether a context sets this Reference itself. */
export const hasOwn = (
  context: Context.Context<never>,
  { key }: Context.Reference<unknown>,
): boolean => context.mapUnsafe.has(key)
