import { EventEmitter } from "node:events"
import { expect, it } from "vitest"
import { runCampaign } from "./campaign.ts"
import type { Plan } from "./plan.ts"
import { plansFrom } from "./plans.ts"
import { reportOf } from "./report.ts"

const numberIn = (variable: string, otherwise: number): number =>
  Number(process.env[variable] ?? otherwise)

/** One that was printed, or those of so many seeds. */
const plans = (): ReadonlyArray<Plan> => {
  const { TRUTH_PLAN: printed } = process.env
  return printed === undefined
    ? plansFrom(numberIn("TRUTH_SEED", 0), numberIn("TRUTH_RUNS", 10_000))
    : [JSON.parse(printed)]
}

// Each server listens to the standard input, and many run at once.
EventEmitter.defaultMaxListeners = 100

it("says of random programs what is true of them, and nothing else", async () => {
  const campaign = await runCampaign(plans())
  const report = reportOf(campaign)
  console.log(report)
  expect(campaign.failures.length, report).toBe(0)
})
