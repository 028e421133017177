/*
 * `internal/effect.ts`, `FiberImpl`: what a fiber has to do next stands on its `_stack`, the next on top. Of what an
 * effect gives, the topmost with `contA` is told, as `Effect.map` has it; one without `contE` knows of no failure.
 */
import * as Effect from "effect/Effect"
import { harmlessly } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

/** Tells what the effect gives that the fiber is just about to evaluate. It is called while that happens. */
export const onResult = (fiber: AnyFiber, told: (value: unknown) => void): void => {
  const stack: unknown = Reflect.get(fiber, "_stack")
  if (!Array.isArray(stack)) return
  stack.push(
    Effect.map(Effect.succeed<unknown>(undefined), (value) => {
      harmlessly(() => told(value), undefined)
      return value
    }),
  )
}
