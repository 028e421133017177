import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Serving } from "./serving.ts"

/** A program of stock Effect that ends by itself; gives whether it did what it is there for. */
export type Program = Effect.Effect<boolean, unknown, Serving | Scope.Scope>

/** A bug as a program, beside the same program without it. */
export interface Pair {
  /** The public report that it is modelled on, where there is one. */
  readonly report?: string
  /** The one rule that is to hold of the broken program. */
  readonly rule: string
  /** The function that the finding has to lead to, where there is one. */
  readonly place?: string
  /** It has a process for itself: what happens while a program stops is no problem, or its exchanges are not called after it. */
  readonly alone?: true
  /** It is a bug only there. */
  readonly only?: "web"
  readonly broken: Program
  readonly fixed: Program
}
