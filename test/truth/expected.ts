/** What today's rules are known to miss. Whoever makes a rule better takes its lines away. */
import type { Plan } from "./plan.ts"
import type { Trial } from "./trial.ts"

/** Of these bugs nothing may be said; why. */
export const expectedMisses: Readonly<Record<string, string>> = {
  "starved-stream: events are published to another bus of a function":
    "two tenants with a bus each look like that, and are healthy",
  "unobserved-failure: the fiber that was to feed the body died":
    "nobody knows what a fiber was to feed that has fed nothing yet",
}

const misses: ReadonlyArray<Trial["result"]> = [
  "missed",
  "left open",
  "symptom only",
  "disagreement",
]

/** What the fiber of a `Stream.share` acquires or is handed later is not known as the body's. */
const isShared = ({ handler: { operators } }: Plan): boolean =>
  operators.some(({ by }) => by === "share")

const missedWhereShared = [
  "scope-closed-early: a Layer that is provided too early",
  "starved-stream: events are published to another bus of a Layer",
  "starved-stream: heartbeats outlive their bus",
  "late-subscription: greeted first",
  "upstream-bound-to-first-consumer: the fiber of the first request feeds all",
  "upstream-bound-to-first-consumer: each request shuts the bus down when it is over",
]

/** Their parts hand over through queues. */
const hasQueues = ({ handler: { operators } }: Plan): boolean =>
  operators.some(({ by }) => by === "buffer" || by === "switchMap")

/** Its clients leave before it has waited. */
const waits = ({ handler: { after } }: Plan): boolean => after.some((part) => part.do === "wait")

const missedWhereCalled = [
  "unobserved-failure: the fiber that fed the body died",
  "orphan-fiber: a poller in a FiberSet",
  "request-scope-leak: a scope of its own that the body closes",
]

const isCalled = ({ platform }: Plan): boolean => platform === "rpc" || platform === "socket"

const excuseForMiss = (plan: Plan): string | undefined => {
  const { bug = "" } = plan
  if (bug === "orphan-fiber: a poller in a FiberSet" && waits(plan)) {
    return "nobody knows whom a queue is for that nothing has read yet"
  }
  if (bug === "starved-stream: events are published to another bus of a Layer" && hasQueues(plan)) {
    return "a queue through which nothing has come yet may be another source"
  }
  if (isShared(plan) && missedWhereShared.includes(bug)) {
    return "what Stream.share reads in a body is not known as read by that"
  }
  if (isCalled(plan) && bug === "context-lost: the body looks up what the handler had") {
    return "what opens the stream of a call may be part of it, until something was sent"
  }
  if (isCalled(plan) && missedWhereCalled.includes(bug)) {
    return "what opens the stream of a call is part of it: whose a queue or a scope within that is may not be known"
  }
  if (plan.platform === "web" && bug.startsWith("slow-consumer")) {
    return "a web stream may take everything ahead of a reader that stalls: nothing is lost then"
  }
  return expectedMisses[bug]
}

/** Why the result of a trial is what is expected today; `undefined` where it is not. */
export const excuseFor = ({ plan, result }: Trial): string | undefined =>
  misses.includes(result) ? excuseForMiss(plan) : undefined
