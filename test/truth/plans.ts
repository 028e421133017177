import { bugs } from "./bugs/all.ts"
import { endlessPlan, healthyPlan } from "./generate.ts"
import type { Plan } from "./plan.ts"
import { Random } from "./random.ts"

/** The plans of so many seeds. */
export const plansFrom = (seed: number, count: number): ReadonlyArray<Plan> =>
  Array.from({ length: count }, (_, index) => planOf(seed + index))

/** The plan of a seed: every second one is healthy, and the others have a bug. */
const planOf = (seed: number): Plan => {
  if (seed % 2 === 0) return healthyPlan(seed)
  const random = new Random(seed)
  const bug = bugs[(seed >>> 1) % bugs.length]
  if (bug === undefined) return healthyPlan(seed)
  const plan = endlessPlan(random, seed)
  return { ...bug.inject(plan, random), bug: bug.name }
}
