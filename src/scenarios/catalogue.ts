import type { Scenario } from "./scenario.ts"
import { scenario as scopeClosedEarly } from "./scope-closed-early.ts"

/** A known bug for every rule, in the order of the rules' registry. */
export const scenarios: ReadonlyArray<Scenario> = [scopeClosedEarly]

/** A scenario is called after its rule. */
export const nameOf = ({ rule }: Scenario): string => rule.name
