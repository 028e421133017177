import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Lifetimes } from "../../otel/index.ts"
import type { Rule } from "../../otel/lifetimes/rule.ts"
import type { Collector } from "./stage.ts"

export const variantNames = ["broken", "fixed"] as const

export type Variant = (typeof variantNames)[number]

/** A program that ends by itself. Its lifetimes are recorded, and judged when everything has settled. */
export type Play = Effect.Effect<unknown, unknown, Lifetimes | Collector | Scope.Scope>

/** A known bug as a program small enough to read in one screen, beside the same program without it. */
export interface Scenario extends Readonly<Record<Variant, Play>> {
  /** The one rule that the broken program shows. The scenario has the rule's name. */
  readonly rule: Rule
  /** What the broken program does, in one line. */
  readonly summary: string
  /** What the fixed program does instead, in one line. */
  readonly repair: string
}

/** Where the two programs of a rule are in the repository, and where its page is. */
export const programOf = ({ name }: Rule): string => `src/scenarios/${name}.ts`
export const pageOf = ({ name }: Rule): string => `docs/rules/${name}.md`
