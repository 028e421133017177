import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, childrenOf } from "../effect/fibers.ts"
import { failureOfFiber } from "./feeders.ts"
import type { ExchangeRecord } from "./record.ts"

/** What the registry has to do with them. */
interface ChildRegistry {
  readonly now: () => Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/**
 * The fiber of a handler is about to end while the body goes on, as in a web handler: its children end with it.
 * Everything that listens for the body has a finalizer in the request's scope. If that scope is unused and no
 * other fiber of the exchange runs, nothing else feeds the body.
 */
export const noteStoppedChild = (
  registry: ChildRegistry,
  exchange: ExchangeRecord,
  fiber: AnyFiber,
): void => {
  // Of several children, we do not know which one was to feed the stream.
  const [child, another] = childrenOf(fiber)
  const request = exchange.scopes.find(({ role }) => role === "request")
  if (child === undefined || another !== undefined || request?.isUnused() !== true) return
  if (exchange.detached.running().length > 0) return
  exchange.stoppedChild = {
    ...failureOfFiber(child)(registry.now(), ""),
    stoppedWith: exchange.span.traceId,
  }
  registry.later(exchange)
}
