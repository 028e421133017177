import type { LifetimeError } from "../../otel/testing/index.ts"
import type { Bug } from "./bug.ts"
import { bugs } from "./bugs/all.ts"
import type { Collector } from "./collector.ts"
import { differByRaceOnly, differencesOf } from "./difference.ts"
import type { Plan } from "./plan.ts"
import { type LayerFindings, type Outcome, playBare, playGuarded, playLayered } from "./play.ts"
import type { Run } from "./run.ts"
import { symptomsOf } from "./symptoms.ts"

/** What became of the truth about one program. */
export type Result =
  /** A bug was named, or a healthy program was not. */
  | "right"
  /** A bug had no effect in this run, and nothing was said. */
  | "no effect"
  /** Nothing was said of a bug. */
  | "missed"
  /** No rule was named, but the guard says that something was left open. */
  | "left open"
  /** Only what a client sees was named, and not why. */
  | "symptom only"
  | "false alarm"
  | "wrong rule"
  /** Of the guard, the Layer and the spans that it exported, not all say so. */
  | "disagreement"
  /** A client saw another thing than without Scopeline. */
  | "difference"
  /** The plan is wrong: it says healthy, and without any rule it is not so. */
  | "unsound"

export interface Trial {
  readonly plan: Plan
  readonly result: Result
  /** In a few words each. */
  readonly details: ReadonlyArray<string>
}

export const bugOf = ({ bug }: Plan): Bug | undefined => bugs.find(({ name }) => name === bug)

/** What was found in a program, by everybody who says so. */
interface Said extends LayerFindings {
  readonly guard: LifetimeError | undefined
}

/** Runs the program without Scopeline and with it, and compares what is said with what is true. */
export const tryPlan = async (plan: Plan, collector: Collector): Promise<Trial> => {
  const [bare, guarded, layered] = await Promise.all([
    playBare(plan),
    playGuarded(plan),
    playLayered(plan, collector),
  ])
  const said = { guard: guarded.said, ...layered.said }
  const seen = [guarded, layered]
  const differences = await Promise.all(seen.map(({ run }) => differencesTo(plan, bare.run, run)))
  const [result, ...details] = judge(plan, bare, seen, said, differences.flat())
  return { plan, result, details }
}

/** How often a program is run again to see whether its clients sometimes see that without Scopeline, too. */
const repeats = 40

/** What is seen with Scopeline, and not without it. */
const differencesTo = async (plan: Plan, bare: Run, seen: Run): Promise<ReadonlyArray<string>> => {
  const differences = differencesOf(plan, bare, seen)
  if (differences.length === 0 || !differByRaceOnly(plan, bare, seen)) return differences
  for (let repeat = 0; repeat < repeats; repeat++) {
    const again = await playBare(plan)
    if (differencesOf(plan, again.run, seen).length === 0) return []
  }
  return differences
}

type Judgement = readonly [Result, ...ReadonlyArray<string>]

const judge = (
  plan: Plan,
  bare: Outcome,
  seen: ReadonlyArray<Outcome>,
  said: Said,
  differences: ReadonlyArray<string>,
): Judgement => {
  if (differences.length > 0) return ["difference", ...differences]
  const bug = bugOf(plan)
  return bug === undefined
    ? judgeHealthy(plan, bare, seen, said)
    : judgeBug(
        bug,
        said,
        [bare, ...seen].every((outcome) => bug.shows(plan, outcome)),
      )
}

const judgeHealthy = (
  plan: Plan,
  bare: Outcome,
  seen: ReadonlyArray<Outcome>,
  said: Said,
): Judgement => {
  const symptoms = symptomsOf(plan, bare)
  if (symptoms.length > 0) return ["unsound", ...symptoms]
  if (isAnythingSaid(said)) return ["false alarm", ...wordsOf(said)]
  const changed = seen.flatMap((outcome) => symptomsOf(plan, outcome))
  return changed.length > 0 ? ["difference", ...changed] : ["right"]
}

const symptomRule = "server-ended-stream"

const judgeBug = (bug: Bug, said: Said, shows: boolean): Judgement => {
  const sources = [rulesOf(said.guard), said.registry, said.spans]
  const all = [...new Set(sources.flat())]
  const wrong = all.filter((rule) => rule !== bug.rule)
  if (wrong.length > 0) {
    const isSymptom = wrong.length === all.length && wrong.every((rule) => rule === symptomRule)
    return [isSymptom ? "symptom only" : "wrong rule", ...wordsOf(said)]
  }
  if (all.length === 0) {
    if (!shows) return ["no effect"]
    return [isAnythingSaid(said) ? "left open" : "missed", ...wordsOf(said)]
  }
  return sources.every((rules) => rules.length > 0) ? ["right"] : ["disagreement", ...wordsOf(said)]
}

const rulesOf = (guard: LifetimeError | undefined): ReadonlyArray<string> =>
  guard?.findings.map(({ rule }) => rule) ?? []

const isAnythingSaid = ({ guard, registry, spans }: Said): boolean =>
  guard !== undefined || registry.length > 0 || spans.length > 0

const wordsOf = ({ guard, registry, spans }: Said): ReadonlyArray<string> => [
  ...(guard?.findings ?? []).map(
    ({ rule, confidence, message }) => `${rule} (${confidence}): ${message}`,
  ),
  ...(guard?.leftovers ?? []).map(
    ({ kind, name, exchange, holds }) =>
      `left open: ${kind} ${name} of ${exchange ?? "the program"}` +
      holds.map((it) => `, holds ${it}`).join(""),
  ),
  ...registry.map((rule) => `the Layer: ${rule}`),
  ...spans.map((rule) => `the spans: ${rule}`),
]
