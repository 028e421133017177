import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { StreamEnd } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { mayBeReleased } from "../../lifetimes/unknown-release.ts"
import { wasInterrupted } from "../effect/fibers.ts"
import { endByQueue } from "../observed/queue.ts"
import { isClientAbort } from "../records/exit.ts"
import type { ScopeRecord, StreamRunRecord, SubscriptionRecord } from "../records/record.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { isGivenInterrupt } from "../records/sent-interrupts.ts"
import { isStopping } from "../records/stopping.ts"

/** What ended a stream that ends with this exit; `undefined` if nobody can know. */
export const whatEnded = (
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
  exit: Exit.Exit<unknown, unknown>,
): StreamEnd | undefined => {
  if (isOfItsClient(stream, exit)) return "client"
  if (registry.isShuttingDown || isStopping(stream.exchange)) return "shutdown"
  if (stream.exit === "failure") return "failure"
  if (stream.refusedBy?.end === "released") return releaseEnds(registry, stream.refusedBy, stream)
  const isInterrupted = stream.exit === "interrupt" && wasInterrupted(Fiber.getCurrent(), exit)
  const byQueue = isInterrupted ? undefined : endByQueue(registry, stream)
  if (byQueue !== undefined) return byQueue
  if (stream.exit === "success") return isCutOff(stream) ? "released" : "upstream"
  if (!isInterrupted) {
    if (stream.exchange !== undefined && isGivenInterrupt(stream.exchange, exit)) return "failure"
    stream.cutOff ??= { at: registry.now(), by: stream.fiber }
    return isCutOff(stream) ? "released" : "failure"
  }
  // The program interrupts its own fibers as it likes. The fiber of a request is interrupted only when the
  // program stops.
  if (stream.fiber === stream.exchange?.fiber) return "shutdown"
  // Any other fiber that pulls a body does so for the client.
  return stream.fiber === stream.exchange?.body?.fiber ? "client" : undefined
}

/** When another client leaves, everybody who shares what its request waited for meets its interrupt. */
const isOfItsClient = ({ exchange }: StreamRunRecord, exit: Exit.Exit<unknown, unknown>): boolean =>
  isClientAbort(exit) &&
  (exchange?.clientLeftAt !== undefined || wasInterrupted(Fiber.getCurrent(), exit))

/** Something that is not traced was taken away from it, perhaps by a scope of its exchange. */
const isCutOff = (stream: StreamRunRecord): boolean =>
  stream.refusedBy === undefined &&
  stream.exchange !== undefined &&
  mayBeReleased(stream.exchange, stream)

/**
 * What belongs to the program is released when the program stops, and not before an exchange begins. Nor does the
 * program release before a body begins what it has acquired since the exchange began, such as by `runPromise`.
 */
const releaseEnds = (
  { grace }: LifetimeRegistry,
  { ownerScope, releasedByOther, startedAt }: SubscriptionRecord,
  { exchange, startedAt: runFrom }: StreamRunRecord,
): StreamEnd => {
  if (releasedByOther || isLetGo(ownerScope, grace)) return "upstream"
  if (ownerScope === undefined || ownerScope.exchange !== undefined) return "released"
  const { closedAt = 0, asked, role } = ownerScope
  if (exchange !== undefined) {
    const isForIt = startedAt >= exchange.startedAt && closedAt <= runFrom
    return closedAt < exchange.startedAt || isForIt ? "released" : "shutdown"
  }
  return asked && (role === "application" || role === "layer") ? "shutdown" : "released"
}

/** What work of the program has kept for long after the exchange that began it ends when that work is done. */
const isLetGo = (owner: ScopeRecord | undefined, grace: Micros): boolean => {
  const endedAt = owner?.exchange?.endedAt
  return owner?.kept === true && endedAt !== undefined && (owner.closedAt ?? 0) - endedAt > grace
}

/** Says whose subscription was released under a stream, if that is known. */
export const blameRelease = (registry: LifetimeRegistry, stream: StreamRunRecord): void => {
  const { refusedBy, exchange, endedAt = 0 } = stream
  if (refusedBy === undefined) return
  stream.endedBySubscription = refusedBy.span.spanId
  if (refusedBy.exchange === exchange) return
  registry.name(refusedBy)
  const { span, name, owner, ownerScope } = refusedBy
  const belongsToProgram = (ownerScope ?? refusedBy).exchange === undefined
  stream.endedByForeign = {
    subscription: span,
    name,
    owner: owner.name,
    get code() {
      return ownerScope?.code
    },
    belongsTo: belongsToProgram ? "the program" : "another exchange",
    releasedFor: endedAt - (refusedBy.endedAt ?? endedAt),
  }
}
