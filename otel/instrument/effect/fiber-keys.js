/*
 * `Redactable.ts` and `internal/effect.ts`: the fiber that runs is a property of the global object while it runs.
 * The property remains after that. This file is loaded into programs without Effect, so it imports nothing.
 */

/** The property of Effect 4. */
export const currentFiber = "~effect/Fiber/currentFiber"

/** The property of Effect 3. */
export const currentFiberOf3 = "effect/FiberCurrent"
