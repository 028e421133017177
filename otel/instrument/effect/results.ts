/*
 * `internal/effect.ts`, `FiberImpl`: the `_stack` of a fiber holds what it does next, with the next step on
 * top. The topmost step with `contA` gets the value of an effect, as in `Effect.map`. A step without `contE`
 * does not see failures.
 */
import * as Effect from "effect/Effect"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"
import { Given } from "./properties.ts"

const teller = Symbol("scopeline/teller")
const ofAny = Symbol.for("scopeline/teller")

interface Told {
  [teller]: (value: unknown) => void
}

/** Reports the value of the effect that the fiber is about to evaluate. Call it while the fiber does that. */
export const onResult = (fiber: AnyFiber, told: (value: unknown) => void): void => {
  const stack: unknown = Reflect.get(fiber, "_stack")
  if (!Array.isArray(stack)) return
  // Between two effects of a generator, what was pushed stays until the generator ends: it must not pile up.
  for (let at = stack.length - 1; isOfAny(stack[at]); at--) {
    const next: unknown = stack[at]
    if (!isTold(next)) continue
    next[teller] = told
    return
  }
  stack.push(telling(told))
}

/** Whether the fiber evaluates that effect, which is one that goes on with a value, such as `Effect.map`. */
export const isWithin = (fiber: AnyFiber, effect: object): boolean => {
  const stack: unknown = Reflect.get(fiber, "_stack")
  return Array.isArray(stack) && stack.includes(effect)
}

/** Of this copy of the library, or of another in the process. */
const isOfAny = (next: unknown): boolean =>
  typeof next === "object" && next !== null && ofAny in next

const isTold = (next: unknown): next is Told =>
  typeof next === "object" && next !== null && teller in next

const telling = (told: (value: unknown) => void): Told => {
  const next: Told = new Telling(
    Effect.map(nothing, (value) => {
      harmlessly(() => next[teller](value), undefined)
      return value
    }),
    told,
  )
  return next
}

const nothing = Effect.succeed<unknown>(undefined)

class Telling extends Given implements Told {
  readonly [ofAny] = true;
  [teller]: Told[typeof teller]

  constructor(next: object, told: Told[typeof teller]) {
    super(next)
    this[teller] = told
  }
}
