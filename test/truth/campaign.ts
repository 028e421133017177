import { Collector } from "./collector.ts"
import { excuseFor } from "./expected.ts"
import type { Plan } from "./plan.ts"
import { Pulse } from "./pulse.ts"
import { shrink } from "./shrink.ts"
import { type Result, type Trial, tryPlan } from "./trial.ts"

/** A trial whose result is not what it has to be, and not what is expected today. */
export interface Failure {
  readonly trial: Trial
  /** The simplest program of which the same is said. */
  readonly minimal: Plan
}

export interface Campaign {
  /** Every result with how often, of each kind of program. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<Result, number>>
  /** Why results that are not right are expected today, and how often they were. */
  readonly excused: ReadonlyMap<string, number>
  /** Programs of which nothing can be said: the process stood still whenever they ran. */
  readonly stalled: ReadonlyArray<Trial>
  readonly failures: ReadonlyArray<Failure>
  readonly runs: number
  readonly seconds: number
}

/** How many programs run at once. */
const lanes = 14

/** A process that stands still is later than this, in milliseconds. */
const stall = 30

/** Tries all of these programs. */
export const runCampaign = async (plans: ReadonlyArray<Plan>): Promise<Campaign> => {
  const collector = await Collector.start()
  const pulse = new Pulse()
  const begun = performance.now()
  try {
    const attempt = async (plan: Plan): Promise<Attempt> => {
      const started = performance.now()
      const trial = await tryPlan(plan, collector)
      return { trial, isStalled: pulse.longestSince(started) >= stall }
    }
    const first = await inLanes(plans, attempt)
    const calm: Array<Trial> = []
    const stalled: Array<Trial> = []
    for (const one of first) {
      // Alone: many at once would make it stand still again.
      const { trial, isStalled } = await settle(one, attempt)
      if (isStalled && isFailure(trial)) stalled.push(trial)
      else calm.push(trial)
    }
    const failures: Array<Failure> = []
    for (const trial of calm) {
      if (!isFailure(trial) || failures.length >= shrunkAtMost) continue
      failures.push({ trial, minimal: await smallest(trial, collector) })
    }
    return {
      counts: countsOf(calm),
      excused: excusesOf(calm),
      stalled,
      failures,
      runs: plans.length,
      seconds: (performance.now() - begun) / 1000,
    }
  } finally {
    collector.stop()
    pulse.stop()
  }
}

const inLanes = async <A, B>(
  all: ReadonlyArray<A>,
  work: (one: A) => Promise<B>,
): Promise<ReadonlyArray<B>> => {
  const results: Array<B> = []
  const left = all[Symbol.iterator]()
  const lane = async () => {
    for (const one of left) results.push(await work(one))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}

const fine: ReadonlyArray<Result> = ["right", "no effect"]

const isFailure = (trial: Trial): boolean =>
  !fine.includes(trial.result) && excuseFor(trial) === undefined

interface Attempt {
  readonly trial: Trial
  /** Something took so long that this process could not do anything else meanwhile. */
  readonly isStalled: boolean
}

/** How often something is tried again that was found while the process stood still. */
const tries = 4

/** What goes wrong while the process stands still counts where it does so too while it does not. */
const settle = async (
  first: Attempt,
  attempt: (plan: Plan) => Promise<Attempt>,
): Promise<Attempt> => {
  let last = first
  for (let count = 0; count < tries; count++) {
    if (!isFailure(last.trial) || !last.isStalled) return last
    last = await attempt(first.trial.plan)
  }
  return last
}

/** Shrinking one takes seconds. */
const shrunkAtMost = 10

const smallest = ({ plan, result, details }: Trial, collector: Collector): Promise<Plan> =>
  shrink(plan, async (simpler) => {
    const again = await tryPlan(simpler, collector)
    return again.result === result && ruleIn(again.details) === ruleIn(details)
  })

/** What is said begins with the rule. */
const ruleIn = ([detail = ""]: ReadonlyArray<string>): string => detail.split(/[ :]/, 1)[0] ?? ""

const countsOf = (trials: ReadonlyArray<Trial>): Campaign["counts"] => {
  const counts = new Map<string, Map<Result, number>>()
  for (const { plan, result } of trials) {
    const kind = plan.bug ?? "healthy"
    const results = counts.get(kind) ?? new Map<Result, number>()
    counts.set(kind, results.set(result, (results.get(result) ?? 0) + 1))
  }
  return counts
}

const excusesOf = (trials: ReadonlyArray<Trial>): Campaign["excused"] => {
  const counts = new Map<string, number>()
  for (const trial of trials) {
    const why = excuseFor(trial)
    if (why === undefined) continue
    const excuse = `${trial.plan.bug ?? "healthy"} => ${trial.result}: ${why}`
    counts.set(excuse, (counts.get(excuse) ?? 0) + 1)
  }
  return counts
}
