import type { Micros } from "../../lifetimes/time.ts"
import { isClosed } from "../effect/scopes.ts"
import { noteLeave } from "./client-watch.ts"
import type { HeldFinalizers } from "./held-finalizers.ts"
import type { LayerTwins } from "./layer-twins.ts"
import type { LeftScopes } from "./left-scopes.ts"
import { type OrphanRegistry, orphansOf, reviewOrphans } from "./orphans.ts"
import type { ExchangeRecord, SubscriptionRecord } from "./record.ts"
import { takeRoute } from "./route.ts"
import type { ClosingScopes } from "./stopping.ts"

interface StockRegistry extends OrphanRegistry {
  readonly closingScopes: Pick<ClosingScopes, "since">
  readonly finalizers: Pick<HeldFinalizers, "count">
  readonly layerTwins: Pick<LayerTwins, "look">
  readonly leftScopes: Pick<LeftScopes, "count">
}

/** Notes how everything of an exchange stands now, before the exchange is judged. */
export const takeStock = (registry: StockRegistry, exchange: ExchangeRecord, now: Micros): void => {
  // Afterwards its span takes nothing more.
  if (exchange.endedAt === undefined) {
    takeRoute(exchange)
    exchange.stalled = registry.standstills.since(exchange.startedAt, now)
    exchange.stoppingSince = registry.closingScopes.since
  }
  noteLeave(exchange, now)
  for (const subscription of exchange.subscriptions) {
    takeStockOfSubscription(registry, exchange, subscription, now)
  }
  for (const queue of exchange.queues) queue.takeStock()
  reviewOrphans(registry, exchange, now)
  registry.finalizers.count(exchange)
  registry.leftScopes.count(exchange, now)
  if (exchange.completed) orphansOf(registry, exchange, exchange.detached)
}

const takeStockOfSubscription = (
  { standstills, layerTwins }: StockRegistry,
  { completed }: ExchangeRecord,
  subscription: SubscriptionRecord,
  now: Micros,
): void => {
  if (subscription.endedAt === undefined) {
    subscription.takeStock()
    subscription.stalled = standstills.since(subscription.startedAt, now)
    layerTwins.look(subscription)
    if (completed) subscription.shared ||= isReadOn(subscription)
  }
  if (subscription.readers.size > 0) subscription.ownerClosed ||= subscription.isOwnerClosed()
}

/** Something that lives on waits for its next message, in a scope that no request ends. */
const isReadOn = (subscription: SubscriptionRecord): boolean =>
  subscription.readIn !== undefined && !isClosed(subscription.readIn) && subscription.isAwaited()
