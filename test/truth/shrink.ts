import { inHandler } from "./bug.ts"
import type { Plan, Step } from "./plan.ts"

/** Simpler plans, each with one thing less, the largest simplification first. */
export const simplerPlans = (plan: Plan): ReadonlyArray<Plan> =>
  [
    ...withoutClients(plan),
    ...withoutEach(plan.steps).map((steps) => ({ ...plan, steps })),
    ...withoutEach(plan.background).map((background) => ({ ...plan, background })),
    ...withoutEach(plan.handler.before).map((before) => inHandler(plan, { before })),
    ...withoutEach(plan.handler.after).map((after) => inHandler(plan, { after })),
    ...withoutEach(plan.handler.operators).map((operators) => inHandler(plan, { operators })),
    inHandler(plan, { heartbeats: undefined }),
    inHandler(plan, { delay: 0 }),
    inHandler(plan, { limited: false }),
    inHandler(plan, { named: false }),
    ...(["pubsub", "subscription", "stream", "scope"] as const).map((helper) => ({
      ...plan,
      helpers: { ...plan.helpers, [helper]: false },
    })),
    { ...plan, platform: "node" as const },
    { ...plan, keepsAlive: false },
    { ...plan, application: "program" as const },
    { ...plan, bus: { ...plan.bus, kind: "unbounded" as const, capacity: 16, replay: 0 } },
    { ...plan, stop: { ...plan.stop, bus: "nothing" as const } },
    { ...plan, stop: { ...plan.stop, announced: false } },
    { ...plan, stop: { ...plan.stop, how: "ends" as const } },
    ...plan.steps.flatMap((step, index) => {
      const simpler = simplerStep(step)
      return simpler === undefined ? [] : [{ ...plan, steps: plan.steps.with(index, simpler) }]
    }),
  ].filter((simpler) => JSON.stringify(simpler) !== JSON.stringify(plan))

const withoutEach = <A>(all: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  all.map((_, index) => all.toSpliced(index, 1))

const withoutClients = (plan: Plan): ReadonlyArray<Plan> => {
  const clients = new Set(plan.steps.flatMap((step) => ("client" in step ? [step.client] : [])))
  return [...clients].map((client) => ({
    ...plan,
    steps: plan.steps.filter((step) => !("client" in step) || step.client !== client),
  }))
}

const simplerStep = (step: Step): Step | undefined => {
  if (step.do === "publish" && step.count > 1) return { ...step, count: 1 }
  return step.do === "connect" && step.as === "slow" ? { ...step, as: "reader" } : undefined
}

/** The simplest plan that can be reached from this one of which the condition still holds. */
export const shrink = async (
  plan: Plan,
  holds: (plan: Plan) => Promise<boolean>,
): Promise<Plan> => {
  let smallest = plan
  for (;;) {
    const simpler = await firstThat(simplerPlans(smallest), holds)
    if (simpler === undefined) return smallest
    smallest = simpler
  }
}

/** How many are tried at once. */
const atOnce = 6

const firstThat = async (
  plans: ReadonlyArray<Plan>,
  holds: (plan: Plan) => Promise<boolean>,
): Promise<Plan | undefined> => {
  for (let from = 0; from < plans.length; from += atOnce) {
    const some = plans.slice(from, from + atOnce)
    const held = await Promise.all(some.map(holds))
    const first = some[held.indexOf(true)]
    if (first !== undefined) return first
  }
  return undefined
}
