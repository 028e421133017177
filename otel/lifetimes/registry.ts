import type { Match } from "./finding.ts"
import type { Exchange } from "./model.ts"
import type { Rule } from "./rule.ts"
import { contextLost } from "./rules/context-lost.ts"
import { deferredTeardown } from "./rules/deferred-teardown.ts"
import { disconnectUnseen } from "./rules/disconnect-unseen.ts"
import { lateSubscription } from "./rules/late-subscription.ts"
import { orphanFiber } from "./rules/orphan-fiber.ts"
import { requestScopeLeak } from "./rules/request-scope-leak.ts"
import { scopeClosedEarly } from "./rules/scope-closed-early.ts"
import { scopePileUp } from "./rules/scope-pile-up.ts"
import { serverEndedStream } from "./rules/server-ended-stream.ts"
import { shutdownHeldOpen } from "./rules/shutdown-held-open.ts"
import { slowConsumer } from "./rules/slow-consumer.ts"
import { starvedStream } from "./rules/starved-stream.ts"
import { subscriptionLeak } from "./rules/subscription-leak.ts"
import { telemetryCutOff } from "./rules/telemetry-cut-off.ts"
import { unobservedFailure } from "./rules/unobserved-failure.ts"
import { upstreamBoundToFirstConsumer } from "./rules/upstream-bound-to-first-consumer.ts"

/** Every rule, the deepest cause first. A new rule is one file beside its siblings and one line here. */
export const rules = [
  scopeClosedEarly,
  contextLost,
  upstreamBoundToFirstConsumer,
  unobservedFailure,
  disconnectUnseen,
  requestScopeLeak,
  subscriptionLeak,
  starvedStream,
  lateSubscription,
  deferredTeardown,
  slowConsumer,
  orphanFiber,
  scopePileUp,
  shutdownHeldOpen,
  telemetryCutOff,
  serverEndedStream,
] as const satisfies ReadonlyArray<Rule>

/** A recorded finding may name a rule that did not exist then, or does not exist any more. */
export type RuleName = (typeof rules)[number]["name"]

/** One bug is one finding, named by the deepest rule: which rule silences which, and when. */
interface Silence {
  readonly silent: RuleName
  /** The rules that speak instead, because they explain it. */
  readonly because: ReadonlyArray<RuleName>
  /** Given the speaking matches: which of the silent ones they explain. */
  readonly where: (speaking: ReadonlyArray<Match>, exchange: Exchange) => (silent: Match) => boolean
}

const always: Silence["where"] = () => () => true

const onSameStream: Silence["where"] = (speaking) => {
  const streams = new Set(speaking.map(({ stream }) => stream))
  return ({ stream }) => stream !== undefined && streams.has(stream)
}

const namesSameLifetime: Silence["where"] = (speaking) => {
  const named = new Set(speaking.flatMap(({ spanIds }) => spanIds))
  return ({ spanIds: [owner] }) => owner !== undefined && named.has(owner)
}

const readsLeaked: Silence["where"] = (leaks, { streams }) => {
  const leaked = new Set(leaks.flatMap(({ spanIds }) => spanIds))
  const readers = streams.filter(({ reads }) => reads.some((read) => leaked.has(read)))
  const fibers = new Set<unknown>(readers.map(({ fiber }) => fiber))
  return ({ evidence }) => fibers.has(evidence["fiber.id"])
}

/** Nobody was there any more whom its events could have reached. */
const hadLeft: Silence["where"] = (unseen) => {
  const left = unseen.map(({ evidence }) => Number(evidence["client.left_ms"]))
  const first = Math.min(...left.filter((millis) => !Number.isNaN(millis)))
  return ({ evidence }) => Number(evidence["source.ended_ms"]) > first
}

export const silences: ReadonlyArray<Silence> = [
  {
    silent: serverEndedStream.name,
    because: [scopeClosedEarly.name, contextLost.name, upstreamBoundToFirstConsumer.name],
    where: onSameStream,
  },
  { silent: lateSubscription.name, because: [scopeClosedEarly.name], where: namesSameLifetime },
  { silent: subscriptionLeak.name, because: [disconnectUnseen.name], where: always },
  { silent: requestScopeLeak.name, because: [disconnectUnseen.name], where: always },
  {
    silent: slowConsumer.name,
    because: [disconnectUnseen.name, deferredTeardown.name],
    where: always,
  },
  { silent: shutdownHeldOpen.name, because: [disconnectUnseen.name], where: always },
  { silent: deferredTeardown.name, because: [disconnectUnseen.name], where: always },
  { silent: starvedStream.name, because: [disconnectUnseen.name], where: hadLeft },
  { silent: subscriptionLeak.name, because: [requestScopeLeak.name], where: namesSameLifetime },
  { silent: orphanFiber.name, because: [subscriptionLeak.name], where: readsLeaked },
  {
    silent: scopePileUp.name,
    because: [subscriptionLeak.name, orphanFiber.name],
    where: always,
  },
]
