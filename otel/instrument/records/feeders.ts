import * as Fiber from "effect/Fiber"
import { unnamed } from "../../attributes.ts"
import type { FeederFailure } from "../../lifetimes/model.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { sees } from "../effect/capabilities.ts"
import { type AnyFiber, onLost } from "../effect/fibers.ts"
import { definitionOf, frameOf, functionOf } from "../effect/stack-frames.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import { exitKind, failureOf } from "./exit.ts"
import type { ExchangeRecord, Feeder, PubSubRecord, SubscriptionRecord } from "./record.ts"

/** What the registry has to do with them. */
interface FeederRegistry {
  readonly now: () => Micros
  readonly isShuttingDown: boolean
  /** Those that are held. */
  readonly subscriptions: ReadonlySet<SubscriptionRecord>
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

const several: Feeder = { fiber: undefined, failure: undefined }

/** Who feeds the readers of a PubSub: the only fiber that has published to it. */
export class Feeders {
  readonly #registry: FeederRegistry
  /** A fiber may publish to thousands of PubSubs, as one that has a room for each client: it is watched once. */
  readonly #known = new WeakMap<AnyFiber, Feeder>()

  constructor(registry: FeederRegistry) {
    this.#registry = registry
  }

  /** The current fiber publishes: it feeds whoever reads that, as long as no other does so too. */
  note(pubsub: PubSubRecord): void {
    const { fedBy } = pubsub
    const fiber = Fiber.getCurrent()
    if (fedBy !== undefined && fedBy.fiber === fiber?.id) return
    if (fedBy === several) return
    pubsub.fedBy =
      fedBy === undefined && fiber !== undefined && mayBeMissed(fiber)
        ? this.#feederOf(fiber)
        : several
    if (fedBy?.failure !== undefined) this.#tell(pubsub.subscriptions, undefined)
  }

  #feederOf(fiber: AnyFiber): Feeder {
    const known = this.#known.get(fiber)
    if (known !== undefined) return known
    const feeder: Feeder = { fiber: fiber.id, failure: undefined }
    this.#known.set(fiber, feeder)
    const frame = frameOf(fiber)
    const exchange = exchangeServedBy(fiber)
    onLost(fiber, (exit) => {
      if (this.#registry.isShuttingDown) return
      const isStopped = exitKind(exit) === "interrupt"
      if (isStopped && !(isEnding(exchange) && isFedBy(exchange, feeder))) return
      feeder.failure = {
        at: this.#registry.now(),
        name: frame === undefined ? unnamed.fiber : functionOf(frame),
        id: fiber.id,
        error: failureOf(exit)?.message ?? "",
        code: definitionOf(frame),
        stoppedWith: isStopped ? exchange?.span.traceId : undefined,
      }
      const fed = [...this.#registry.subscriptions].filter(({ pubsub }) => pubsub.fedBy === feeder)
      this.#tell(fed, feeder.failure)
    })
    return feeder
  }

  #tell(readers: Iterable<SubscriptionRecord>, failure: FeederFailure | undefined): void {
    for (const subscription of readers) {
      subscription.feederFailed = failure
      if (subscription.exchange !== undefined) this.#registry.later(subscription.exchange)
    }
  }
}

/** The client of a request is told how that ends, and the next request publishes on another fiber. */
const mayBeMissed = (fiber: AnyFiber): boolean =>
  sees.ownership && exchangeServedBy(fiber)?.fiber !== fiber.id

/** It reads itself what the fiber publishes: that was not started for others. */
const isFedBy = (exchange: ExchangeRecord | undefined, feeder: Feeder): boolean =>
  exchange?.subscriptions.some(({ pubsub }) => pubsub.fedBy === feeder) === true

/** Its client has gone, its body or all of it has ended, or its scope closes: what was started for it ends with it. */
const isEnding = (exchange: ExchangeRecord | undefined): boolean =>
  exchange !== undefined &&
  (exchange.clientLeftAt ??
    exchange.body?.endedAt ??
    exchange.endedAt ??
    exchange.scopes[0]?.closedAt) !== undefined
