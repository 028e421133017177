import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { exchangeServedBy } from "./records/current-exchange.ts"
import { LifetimeRegistry, registryIn } from "./records/registry.ts"
import { observeStream } from "./traced/stream.ts"

/** The same stream, recorded as the body of the call that runs it. */
export const observeCall = <A, E, R>(
  self: Stream.Stream<A, E, R>,
  method: string,
): Stream.Stream<A, E, R> =>
  Stream.suspend(() => {
    const fiber = Fiber.getCurrent()
    const registry = fiber && registryIn(fiber.context)
    const exchange = fiber && exchangeServedBy(fiber)
    // Another installation of the library may have changed it already.
    if (!(registry instanceof LifetimeRegistry) || exchange?.isCall !== true) return self
    return exchange.body === undefined ? observeStream(registry, method, self, exchange) : self
  })
