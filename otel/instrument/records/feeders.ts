import * as Fiber from "effect/Fiber"
import { unnamed } from "../../attributes.ts"
import type { FeederFailure } from "../../lifetimes/model.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { sees } from "../effect/capabilities.ts"
import { type AnyFiber, onUnobservedFailure } from "../effect/fibers.ts"
import { definitionOf, frameOf, functionOf } from "../effect/stack-frames.ts"
import { failureOf } from "./exit.ts"
import type { ExchangeRecord, Feeder, PubSubRecord } from "./record.ts"

/** What the registry has to do with them. */
interface FeederRegistry {
  readonly now: () => Micros
  readonly isShuttingDown: boolean
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

const several: Feeder = { fiber: undefined, failure: undefined }

/** The current fiber publishes: it feeds whoever reads that, as long as no other does so too. */
export const noteFeeder = (registry: FeederRegistry, pubsub: PubSubRecord): void => {
  const { fedBy } = pubsub
  const fiber = Fiber.getCurrent()
  if (fedBy !== undefined && fedBy.fiber === fiber?.id) return
  if (fedBy === several) return
  pubsub.fedBy = several
  if (fedBy?.failure !== undefined) tellReaders(registry, pubsub, undefined)
  if (fedBy === undefined && fiber !== undefined && sees.ownership) watch(registry, pubsub, fiber)
}

const watch = (registry: FeederRegistry, pubsub: PubSubRecord, fiber: AnyFiber): void => {
  const feeder: Feeder = { fiber: fiber.id, failure: undefined }
  pubsub.fedBy = feeder
  const frame = frameOf(fiber)
  onUnobservedFailure(fiber, (exit) => {
    if (pubsub.fedBy !== feeder || registry.isShuttingDown) return
    feeder.failure = {
      at: registry.now(),
      name: frame === undefined ? unnamed.fiber : functionOf(frame),
      id: fiber.id,
      error: failureOf(exit)?.message ?? "",
      code: definitionOf(frame),
    }
    tellReaders(registry, pubsub, feeder.failure)
  })
}

const tellReaders = (
  registry: FeederRegistry,
  { subscriptions }: PubSubRecord,
  failure: FeederFailure | undefined,
): void => {
  for (const subscription of subscriptions) {
    subscription.feederFailed = failure
    if (subscription.exchange !== undefined) registry.later(subscription.exchange)
  }
}
