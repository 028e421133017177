import type { Plan, Source, Step } from "./plan.ts"
import type { Outcome } from "./play.ts"
import type { Random } from "./random.ts"
import { symptomsOf } from "./symptoms.ts"

/** A mistake that can be made in a program. */
export interface Bug {
  /** The rule that names it, and how it is made. */
  readonly name: string
  /** The only rule that may speak of it. */
  readonly rule: string
  /** The same program with the mistake, which shows when the program runs. */
  readonly inject: (plan: Plan, random: Random) => Plan
  /** Whether it has shown in a run, measured without any rule. */
  readonly shows: (plan: Plan, outcome: Outcome) => boolean
}

export const bug = (
  rule: string,
  how: string,
  shows: Bug["shows"],
  inject: Bug["inject"],
): Bug => ({ name: `${rule}: ${how}`, rule, shows, inject })

/** Most are in what the handler does. */
export const inHandler = (plan: Plan, change: Partial<Plan["handler"]>): Plan => ({
  ...plan,
  // What it was healthy to close with the handler may be needed now.
  handler: { ...plan.handler, scoped: false, ...change },
})

export const withSource = (plan: Plan, source: Source): Plan => inHandler(plan, { source })

/** A mistake that shows in a response, and not in what a call gives. */
export const overHttp = ({ platform }: Plan): Pick<Plan, "platform"> => ({
  platform: platform === "web" ? "web" : "node",
})

/** A subscription that the request's own scope owns. */
export const subscription = (random: Random): Source => ({
  from: "subscription",
  owner: "request",
  greets: random.chance(0.7),
})

/** A client that stays long enough for anything to show, and leaves. */
export const oneClient: ReadonlyArray<Step> = [
  { do: "connect", client: 1, as: "reader" },
  { do: "publish", count: 2 },
  { do: "rest" },
  { do: "leave", client: 1 },
  { do: "rest" },
]

/** So many clients, one after the other. */
export const comeAndGo = (clients: number): ReadonlyArray<Step> =>
  Array.from({ length: clients }, (_, index) => index + 1).flatMap(
    (client): Array<Step> => [
      { do: "connect", client, as: "reader" },
      { do: "publish", count: 1 },
      { do: "leave", client },
    ],
  )

const hasSymptom =
  (...texts: ReadonlyArray<string>) =>
  (plan: Plan, outcome: Outcome) =>
    symptomsOf(plan, outcome).some((symptom) => texts.some((text) => symptom.includes(text)))

/** A stream ended that was not to end, perhaps before it had sent anything: a call has no head. */
export const isCutOff = hasSymptom("was cut off", "got no answer")

/** A client was answered with an error, or not at all. */
export const isRefused = hasSymptom(" got ")

/** Something was held for a request that was over. */
export const isHeld = hasSymptom("held too long")

/** A client did not receive what was published while it was there. */
export const isMissing = hasSymptom("missed events")
