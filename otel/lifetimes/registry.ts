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

/** A finding of a recording may name another: one of a rule that has come or gone since. */
export type RuleName = (typeof rules)[number]["name"]

/** One bug is one finding, named by the deepest rule: who silences whom about one exchange, and where. */
interface Silence {
  readonly silent: RuleName
  /** The rules that speak instead, because they explain it. */
  readonly because: ReadonlyArray<RuleName>
  readonly where: (silent: Match, speaking: Match, exchange: Exchange) => boolean
}

const always = () => true

const onSameStream = (silent: Match, { stream }: Match): boolean =>
  silent.stream !== undefined && silent.stream === stream

const namesSameLifetime = (silent: Match, speaking: Match): boolean =>
  silent.spanIds.slice(0, 1).some((owner) => speaking.spanIds.includes(owner))

const readsLeaked = (silent: Match, leak: Match, { streams }: Exchange): boolean =>
  streams.some(
    ({ reads, fiber }) =>
      fiber === silent.evidence["fiber.id"] && reads.some((read) => leak.spanIds.includes(read)),
  )

/** Nobody was there any more whom its events could have reached. */
const hadLeft = (starved: Match, unseen: Match): boolean =>
  Number(starved.evidence["source.ended_ms"]) > Number(unseen.evidence["client.left_ms"])

export const silences: ReadonlyArray<Silence> = [
  {
    silent: serverEndedStream.name,
    because: [scopeClosedEarly.name, contextLost.name, upstreamBoundToFirstConsumer.name],
    where: onSameStream,
  },
  { silent: subscriptionLeak.name, because: [disconnectUnseen.name], where: always },
  { silent: requestScopeLeak.name, because: [disconnectUnseen.name], where: always },
  { silent: slowConsumer.name, because: [disconnectUnseen.name], where: always },
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
