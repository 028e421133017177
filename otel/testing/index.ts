/** What a test imports to fail where a lifetime is wrong, or is left open. */

export type { RuleName } from "../lifetimes/registry.ts"
export { CodeLocation } from "./code-location.ts"
export { type GuardOptions, guarded, type Provided } from "./guarded.ts"
export type { KnownProblem } from "./known.ts"
export { Leftover } from "./leftover.ts"
export { GuardFinding, LifetimeError } from "./lifetime-error.ts"
export { runGuarded } from "./run-guarded.ts"
export { settled } from "./settled.ts"
