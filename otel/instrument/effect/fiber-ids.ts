/*
 * `internal/effect.ts`, `FiberImpl`: the constructor counts fibers, and assigns the count to `id`. A program
 * prints it: every line that is logged has the id of its fiber.
 */
import * as Effect from "effect/Effect"
import type { AnyFiber } from "./fibers.ts"

const idOfFiber = Symbol("scopeline/idOfFiber")

/** The fibers of the program are counted from 1, as if none of ours had been before them. */
export const countFibersAnew = (): void => {
  const last: AnyFiber = Effect.runFork(Effect.void)
  const ours = last.id
  Object.defineProperty(Object.getPrototypeOf(last), "id", {
    configurable: true,
    get(this: { [idOfFiber]: number }) {
      return this[idOfFiber]
    },
    set(this: { [idOfFiber]: number }, count: number) {
      this[idOfFiber] = count - ours
    },
  })
}
