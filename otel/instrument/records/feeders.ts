import { unnamed } from "../../attributes.ts"
import type { FeederFailure, FiberFailure } from "../../lifetimes/model.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { sees } from "../effect/capabilities.ts"
import { type AnyFiber, isChild, onLost, wasInterrupted } from "../effect/fibers.ts"
import { definitionOf, frameOf, functionOf } from "../effect/stack-frames.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import { readerOn } from "./current-stream.ts"
import { exitKind, failureOf } from "./exit.ts"
import type { ExchangeRecord, Feeder, SubscriptionRecord } from "./record.ts"

/** What the registry has to do with them. */
interface FeederRegistry {
  readonly now: () => Micros
  readonly isStopping: boolean
  /** Those that are open. */
  readonly exchanges: ReadonlySet<ExchangeRecord>
  /** Those that are held. */
  readonly subscriptions: ReadonlySet<SubscriptionRecord>
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/** A PubSub or a queue, and who fills it. */
interface Fed {
  fedBy: Feeder | undefined
}

/** A reader of it. */
interface FedReader {
  feederFailed: FeederFailure | undefined
  readonly exchange: ExchangeRecord | undefined
}

const several: Feeder = { fiber: undefined, within: undefined, failure: undefined }

/** Finds out who feeds the readers of a PubSub or a queue: the only fiber that has put something into it. */
export class Feeders {
  readonly #registry: FeederRegistry
  /** A fiber may feed thousands of them, such as one with a room for each client: it is watched once. */
  readonly #known = new WeakMap<AnyFiber, Feeder>()

  constructor(registry: FeederRegistry) {
    this.#registry = registry
  }

  /**
   * A fiber, or something else, fills it. The fiber feeds whoever reads it, as long as nothing else fills it
   * too.
   */
  note(fed: Fed, readers: Iterable<FedReader>, fiber: AnyFiber | undefined): void {
    const { fedBy } = fed
    if (fedBy !== undefined && fedBy.fiber === fiber?.id) return
    if (fedBy === several) return
    fed.fedBy =
      fedBy === undefined && fiber !== undefined && mayBeMissed(fiber)
        ? this.#feederOf(fiber)
        : several
    if (fedBy?.failure !== undefined) this.#tell(readers, undefined)
  }

  #feederOf(fiber: AnyFiber): Feeder {
    const known = this.#known.get(fiber)
    if (known !== undefined) return known
    const within = readerOn(fiber)?.exchange
    const feeder: Feeder = { fiber: fiber.id, within, failure: undefined }
    this.#known.set(fiber, feeder)
    const exchange = exchangeServedBy(fiber)
    const failure = failureOfFiber(fiber)
    const endsWithHandler = isChild(fiber)
    onLost(fiber, (exit) => {
      if (this.#registry.isStopping) return
      const isStopped = exitKind(exit) === "interrupt"
      // Perhaps somebody took away what the fiber read: then nobody stopped the fiber.
      if (isStopped && !wasInterrupted(fiber, exit)) return
      const isOver = isEnding(exchange) || (endsWithHandler && exchange?.endsWith !== undefined)
      if (isStopped && !(isOver && isFedBy(exchange, feeder))) return
      feeder.failure = {
        ...failure(this.#registry.now(), failureOf(exit)?.message ?? ""),
        stoppedWith: isStopped ? exchange?.span.traceId : undefined,
      }
      this.#tell([...this.#readersOf(feeder)], feeder.failure)
    })
    return feeder
  }

  *#readersOf(feeder: Feeder): Generator<FedReader> {
    const { subscriptions, exchanges } = this.#registry
    for (const one of subscriptions) if (one.pubsub.fedBy === feeder) yield one
    for (const { queues } of exchanges) {
      for (const queue of queues) if (queue.fedBy === feeder) yield queue
    }
  }

  #tell(readers: Iterable<FedReader>, failure: FeederFailure | undefined): void {
    for (const reader of readers) {
      reader.feederFailed = failure
      if (reader.exchange !== undefined) this.#registry.later(reader.exchange)
    }
  }
}

/**
 * Describes how a fiber failed. Call it first while the fiber runs: afterwards its place in the code is
 * unknown.
 */
export const failureOfFiber = (fiber: AnyFiber) => {
  const frame = frameOf(fiber)
  return (at: Micros, error: string): FiberFailure => ({
    at,
    name: frame === undefined ? unnamed.fiber : functionOf(frame),
    id: fiber.id,
    error,
    code: definitionOf(frame),
  })
}

/** The client of a request learns how the request ends, and the next request publishes on another fiber. */
const mayBeMissed = (fiber: AnyFiber): boolean =>
  sees.ownership && exchangeServedBy(fiber)?.fiber !== fiber.id

/** The exchange reads what the fiber publishes: the fiber was not started for others. */
const isFedBy = (exchange: ExchangeRecord | undefined, feeder: Feeder): boolean =>
  exchange?.subscriptions.some(({ pubsub }) => pubsub.fedBy === feeder) === true ||
  exchange?.queues.some(({ fedBy }) => fedBy === feeder) === true

/**
 * Its client has left, its body or all of it has ended, or its scope closes: what was started for it ends with
 * it.
 */
const isEnding = (exchange: ExchangeRecord | undefined): boolean =>
  exchange !== undefined &&
  (exchange.clientLeftAt ??
    exchange.body?.endedAt ??
    exchange.endedAt ??
    exchange.scopes[0]?.closedAt) !== undefined
