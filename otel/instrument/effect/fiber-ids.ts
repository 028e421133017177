/*
 * `internal/effect.ts`, `FiberImpl`: the constructor counts fibers and assigns the count to `id`. Programs
 * print it: every log line has the id of its fiber.
 */
import * as Effect from "effect/Effect"
import { Given } from "./properties.ts"

interface FiberCounter {
  /** How many fibers have been started. */
  all: number
  /** How many of them were started by this library. */
  ours: number
}

/** One counter for all installations of the library in the process. */
const counterOf = Symbol.for("scopeline/fiberCounter")

/**
 * Runs something with fibers of this library. The ids of the program's own fibers stay as if these did not
 * exist.
 */
export const uncounted = <A>(task: () => A): A => {
  counter ??= countFibers()
  const { all, ours } = counter
  try {
    return task()
  } finally {
    counter.ours = ours + counter.all - all
  }
}

/** The id of the fiber that was started last; `undefined` until the first fiber is counted. */
export const latestFiber = (): number | undefined => counter && counter.all - counter.ours

let counter: FiberCounter | undefined

const countFibers = (): FiberCounter => {
  const { id, fibers } = ourFiber()
  const known = fibers[counterOf]
  if (known !== undefined) {
    known.ours++
    return known
  }
  const made = { all: id, ours: 1 }
  Object.defineProperty(fibers, counterOf, { value: made })
  Object.defineProperty(fibers, "id", {
    configurable: true,
    set(this: object, count: number) {
      made.all = count
      new Numbered(this, count - made.ours)
    },
  })
  return made
}

/** The id of a fiber that this library starts, and what all fibers share. */
const ourFiber = (): { id: number; fibers: { readonly [counterOf]?: FiberCounter } } => {
  const fiber = Effect.runFork(Effect.void)
  return { id: fiber.id, fibers: Object.getPrototypeOf(fiber) }
}

/** Defines the id on the fiber itself, where Effect would put it. */
class Numbered extends Given {
  readonly id: number

  constructor(fiber: object, id: number) {
    super(fiber)
    this.id = id
  }
}
