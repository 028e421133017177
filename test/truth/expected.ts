/** What today's rules are known to miss or to get wrong. Whoever makes a rule better takes its lines away. */
import type { Plan } from "./plan.ts"
import type { Trial } from "./trial.ts"

/** Of these bugs nothing may be said; why. */
export const expectedMisses: Readonly<Record<string, string>> = {
  "scope-closed-early: a cursor in a nested scope":
    "what was released is no subscription: only the failure that the client meets is named",
  "scope-closed-early: a scope that was closed before":
    "a closed scope is not recorded: seen only through a traced subscription",
  "scope-closed-early: a Layer that is provided too early":
    "the scope closed before the exchange began",
  "upstream-bound-to-first-consumer: a relay of the first request":
    "stock PubSubs are not observed",
  "upstream-bound-to-first-consumer: the fiber of the first request feeds all":
    "who publishes is not observed",
  "disconnect-unseen: a platform that does not tell": "the platform's own socket is not observed",
  "request-scope-leak: a scope of its own that the body closes":
    "one exchange alone may mean it for others, and stock PubSubs are not observed",
  "subscription-leak: in the application's scope": "stock PubSubs are not observed",
  "deferred-teardown: a parked generator": "stock PubSubs are not observed",
  "orphan-fiber: a poller in a FiberSet": "a fiber that something observes counts as owned",
  "starved-stream: heartbeats outlive their bus": "stock PubSubs are not observed",
  "starved-stream: events are published to another bus": "the rule looks at one PubSub",
  "late-subscription: greeted first": "stock PubSubs are not observed",
  "slow-consumer: events are lost behind a client that does not read":
    "stock PubSubs are not observed",
  "unobserved-failure: the fiber that fed the body died": "there is no such rule yet",
}

interface KnownMistake {
  /** The bug that was injected; without it any program, also a healthy one. */
  readonly bug?: string
  /** How what is said begins. */
  readonly says: RegExp
  /** Only of programs of which this is true. */
  readonly when?: (plan: Plan) => boolean
  readonly why: string
}

export const knownMistakes: ReadonlyArray<KnownMistake> = [
  {
    bug: "request-scope-leak: a scope of its own that the body closes",
    says: /^subscription-leak/,
    when: ({ handler: { limited } }) => limited,
    why: "a timeout runs the handler on another fiber, as a cache does what all share",
  },
]

const misses: ReadonlyArray<Trial["result"]> = [
  "missed",
  "left open",
  "symptom only",
  "disagreement",
]

const mistakes: ReadonlyArray<Trial["result"]> = ["false alarm", "wrong rule"]

/** Why the result of a trial is what is expected today; `undefined` where it is not. */
export const excuseFor = ({ plan, result, details }: Trial): string | undefined => {
  if (misses.includes(result)) {
    return plan.bug === undefined ? undefined : expectedMisses[plan.bug]
  }
  if (!mistakes.includes(result)) return undefined
  return knownMistakes.find(
    ({ bug, says, when }) =>
      (bug === undefined || bug === plan.bug) &&
      (when === undefined || when(plan)) &&
      details.some((detail) => says.test(detail)),
  )?.why
}
