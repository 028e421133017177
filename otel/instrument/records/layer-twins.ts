import type * as Scope from "effect/Scope"
import type { Micros } from "../../lifetimes/time.ts"
import { layerBuiltIn } from "../effect/layer-builds.ts"
import type { ExchangeRecord, PubSubRecord, SubscriptionRecord } from "./record.ts"

/** What the registry has to do with them. */
interface TwinRegistry {
  readonly now: () => Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/** So many messages that nobody receives are no accident. */
const tooManyMessages = 3

/** For one build. A Layer may make a PubSub for each job: those are no twins of each other. */
const turnsKept = 64

/** PubSubs that two builds of one Layer have made: the program may read one, and publish to the other. */
export class LayerTwins {
  readonly #registry: TwinRegistry
  /** How many PubSubs a build has made so far. */
  readonly #turns = new WeakMap<Scope.Scope, number>()
  /** What the builds of a Layer made in each turn, at most two. */
  readonly #made = new WeakMap<object, Array<Array<PubSubRecord>>>()
  /** What each was built together with. */
  readonly #together = new WeakMap<PubSubRecord, ReadonlySet<string>>()

  constructor(registry: TwinRegistry) {
    this.#registry = registry
  }

  /** A PubSub was made in this scope, outside of any exchange. */
  made(scope: Scope.Scope, record: PubSubRecord): void {
    const build = layerBuiltIn(scope)
    if (build === undefined) return
    const { layer, together } = build
    const turn = this.#turns.get(scope) ?? 0
    if (turn >= turnsKept) return
    this.#turns.set(scope, turn + 1)
    const turns = this.#made.get(layer) ?? []
    this.#made.set(layer, turns)
    const alike = turns[turn] ?? []
    turns[turn] = alike
    const [first, second] = alike
    if (alike.length < 2) alike.push(record)
    this.#together.set(record, together)
    if (first !== undefined) first.twin = second === undefined ? record : undefined
    // A Layer that is built many times is built for many users.
    if (second === undefined) record.twin = first
    else second.twin = undefined
  }

  subscribed(record: PubSubRecord): void {
    if (record.everRead) return
    record.everRead = true
    if (record.twin !== undefined) this.#lookAt(record.twin)
  }

  /** So many messages were published to a PubSub that has a twin. */
  published(record: PubSubRecord, twin: PubSubRecord, count: number): void {
    if (record.everRead) {
      if (record.published === count) this.#lookAt(record)
    } else if (!isFed(twin) && record.published % tooManyMessages < count) this.#lookAt(twin)
  }

  /** Whether what it waits for is published to the twin. */
  look(subscription: SubscriptionRecord): void {
    const { pubsub, publishedElsewhereBefore } = subscription
    const { twin } = pubsub
    const count =
      twin === undefined || twin.everRead ? 0 : twin.published - publishedElsewhereBefore
    if (
      twin === undefined ||
      isFed(pubsub) ||
      count < tooManyMessages ||
      this.#areAlike(pubsub, twin)
    )
      subscription.publishedElsewhere = undefined
    else {
      const at = subscription.publishedElsewhere?.at ?? this.#registry.now()
      subscription.publishedElsewhere = { at, count }
    }
  }

  /** A program that is built twice is intended: each build has both publishers and readers. */
  #areAlike(one: PubSubRecord, other: PubSubRecord): boolean {
    const some = this.#together.get(one) ?? none
    const others = this.#together.get(other) ?? none
    return some.size === others.size && [...some].every((kind) => others.has(kind))
  }

  #lookAt({ subscriptions }: PubSubRecord): void {
    for (const subscription of subscriptions) {
      const { exchange, publishedElsewhere } = subscription
      this.look(subscription)
      const isNews =
        (subscription.publishedElsewhere === undefined) !== (publishedElsewhere === undefined)
      if (isNews && exchange !== undefined) this.#registry.later(exchange)
    }
  }
}

const none: ReadonlySet<string> = new Set()

/** Its readers do not wait for another one, or not any more. */
const isFed = ({ published, end }: PubSubRecord): boolean => published > 0 || end !== undefined
