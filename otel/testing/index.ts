/** What a test imports to fail if a lifetime is wrong, or is left open. */

export type { RuleName } from "../lifetimes/registry.ts"
export { CodeLocation } from "./code-location.ts"
export { type GuardOptions, type GuardServices, guarded } from "./guarded.ts"
export type { KnownProblem } from "./known.ts"
export { Leftover } from "./leftover.ts"
export { GuardFinding, LifetimeError } from "./lifetime-error.ts"
export { settled } from "./patience.ts"
export { runGuarded } from "./run-guarded.ts"
