import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, childrenOf } from "../effect/fibers.ts"
import { failureOfFeeder } from "./feeders.ts"
import type { ExchangeRecord } from "./record.ts"

/** What the registry has to do with them. */
interface ChildRegistry {
  readonly now: () => Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/**
 * The fiber of a handler is about to end while the body goes on, as web handlers have it: its children end with it.
 * Who listens for the body has to be told when that is over: where nothing waits for that, and no other fiber of the
 * exchange runs, nobody else feeds it.
 */
export const noteStoppedChild = (
  registry: ChildRegistry,
  exchange: ExchangeRecord,
  fiber: AnyFiber,
): void => {
  // Of several nobody knows which was to feed the stream.
  const [child, another] = childrenOf(fiber)
  const request = exchange.scopes.find(({ role }) => role === "request")
  if (child === undefined || another !== undefined || request?.isUnused() !== true) return
  if (exchange.detached.running().length > 0) return
  exchange.stoppedChild = failureOfFeeder(child)(registry.now(), {
    error: "",
    stoppedWith: exchange.span.traceId,
  })
  registry.later(exchange)
}
