import { scenario as contextLost } from "./context-lost.ts"
import { scenario as deferredTeardown } from "./deferred-teardown.ts"
import { scenario as disconnectUnseen } from "./disconnect-unseen.ts"
import { scenario as lateSubscription } from "./late-subscription.ts"
import { scenario as orphanFiber } from "./orphan-fiber.ts"
import { scenario as requestScopeLeak } from "./request-scope-leak.ts"
import type { Scenario } from "./scenario.ts"
import { scenario as scopeClosedEarly } from "./scope-closed-early.ts"
import { scenario as scopePileUp } from "./scope-pile-up.ts"
import { scenario as serverEndedStream } from "./server-ended-stream.ts"
import { scenario as shutdownHeldOpen } from "./shutdown-held-open.ts"
import { scenario as slowConsumer } from "./slow-consumer.ts"
import { scenario as starvedStream } from "./starved-stream.ts"
import { scenario as subscriptionLeak } from "./subscription-leak.ts"
import { scenario as telemetryCutOff } from "./telemetry-cut-off.ts"
import { scenario as unobservedFailure } from "./unobserved-failure.ts"
import { scenario as upstreamBoundToFirstConsumer } from "./upstream-bound-to-first-consumer.ts"

/** A known bug for every rule, in the order of the rules' registry. */
export const scenarios: ReadonlyArray<Scenario> = [
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
]

/** A scenario is called after its rule. */
export const nameOf = ({ rule }: Scenario): string => rule.name

/** The public incidents of a scenario, by their titles. */
export const incidentsOf = ({ rule }: Scenario): string =>
  rule.incidents.map(({ title }) => title).join(", ")
