/** Every kind of span that Scopeline writes or reads, in the order of the reference. */
import { clientSpan } from "./client.ts"
import { exchangeSpan } from "./exchange.ts"
import { fiberSpan } from "./fiber.ts"
import { finalizerSpan } from "./finalizer.ts"
import { findingSpan, toldFinding } from "./finding.ts"
import { heldPlace, heldSpan } from "./held.ts"
import { openMarker } from "./open.ts"
import { queueSpan } from "./queue.ts"
import { scopeSpan } from "./scope.ts"
import { streamSpan } from "./stream.ts"
import { subscriptionSpan } from "./subscription.ts"

export const tables = [
  clientSpan,
  exchangeSpan,
  scopeSpan,
  subscriptionSpan,
  queueSpan,
  streamSpan,
  fiberSpan,
  finalizerSpan,
  findingSpan,
  toldFinding,
  openMarker,
  heldSpan,
  heldPlace,
]
