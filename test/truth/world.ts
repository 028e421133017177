import * as Cache from "effect/Cache"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as Pool from "effect/Pool"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import * as Stream from "effect/Stream"
import { subscribeTraced } from "../../otel/index.ts"
import { answering } from "./answers.ts"
import { type Ledger, nobody } from "./ledger.ts"
import type { Operator, Part, Plan } from "./plan.ts"
import {
  busMaker,
  feedOf,
  fromBus,
  makeRelay,
  named,
  onlyOnce,
  pump,
  singleton,
} from "./upstreams.ts"

/** What all requests of a program share. Most of it is there only where the plan has use for it. */
export type World = Effect.Success<ReturnType<typeof makeWorld>>

/** Tells the outside how far requests have come. */
export interface Progress {
  /** The handler runs for this client. */
  readonly begins: (client: number) => void
  /** The request of this client has opened its source. */
  readonly ready: (client: number) => void
  /** The body of its response produces a frame. */
  readonly sends: (client: number) => void
  /** Cleans up after the program, where that leaves something behind on purpose. */
  readonly afterwards: (clean: Effect.Effect<unknown>) => void
}

export const makeWorld = Effect.fnUntraced(function* (
  plan: Plan,
  ledger: Ledger,
  progress: Progress,
) {
  const application = yield* Effect.scope
  const uses = usesOf(plan)
  const makeBus = busMaker(plan, application)
  const listeners = new Set<(event: string) => void>()
  let bus = yield* makeBus
  const publishedTo = plan.bus.madeBy === "once" ? undefined : yield* makeBus
  const pumpedBus = yield* named(plan, "pumped", PubSub.sliding<string>(64))
  const subscribe = (pubsub: PubSub.PubSub<string>) =>
    plan.helpers.subscription ? subscribeTraced(pubsub) : PubSub.subscribe(pubsub)
  const shared = { capacity: "unbounded" } as const
  const relay = makeRelay(plan, ledger, subscribe, () => bus)
  const closed = yield* Scope.make()
  yield* Scope.close(closed, Exit.void)
  return {
    plan,
    ledger,
    progress,
    application,
    closed,
    subscribe,
    listeners,
    get bus() {
      return bus
    },
    replaceBus: Effect.gen(function* () {
      const old = bus
      bus = yield* makeBus
      yield* PubSub.shutdown(old)
    }),
    /** Published on the bus, and told to whoever listens without it. */
    emit: (event: string) =>
      Effect.suspend(() => {
        for (const listener of listeners) listener(event)
        return PubSub.publish(publishedTo ?? bus, event)
      }),
    quietBus: yield* named(plan, "quiet", PubSub.unbounded<string>()),
    pumpedBus,
    applicationPump: yield* Effect.cached(
      Scope.provide(
        pump(ledger, subscribe, () => bus, pumpedBus),
        application,
      ),
    ),
    /** In the scope of whoever comes first. */
    firstPump: onlyOnce(pump(ledger, subscribe, () => bus, pumpedBus)),
    answer: answering(application),
    feed: yield* feedOf(plan, subscribe, () => bus),
    pollers: yield* FiberSet.make(),
    sessions: new Map<number, Scope.Closeable>(),
    jobs: uses("job") ? yield* FiberSet.make() : undefined,
    keyedJobs: uses("keyed job") ? yield* FiberMap.make<number>() : undefined,
    singleton: yield* Effect.cached(singleton(ledger, application)),
    rcRef: uses("rcRef")
      ? yield* RcRef.make({ acquire: ledger.scoped("rcRef", nobody, "program") })
      : undefined,
    rcMap: uses("rcMap")
      ? yield* RcMap.make({
          lookup: (_: number) => ledger.scoped("rcMap", nobody, "program"),
          idleTimeToLive: "20 millis",
        })
      : undefined,
    pool: uses("pool")
      ? yield* Pool.make({ acquire: ledger.scoped("pool", nobody, "program"), size: 2 })
      : undefined,
    cache: uses("cache")
      ? yield* Cache.make({ capacity: 4, lookup: (key: number) => Effect.succeed(key * 2) })
      : undefined,
    scopedCache: uses("scoped cache")
      ? yield* ScopedCache.make({
          capacity: 2,
          lookup: (_: number) => ledger.scoped("scoped cache", nobody, "program"),
        })
      : undefined,
    share: yield* Stream.share(
      fromBus(() => bus, subscribe),
      shared,
    ),
    broadcast:
      plan.handler.source.from === "broadcast"
        ? yield* Stream.broadcast(
            fromBus(() => bus, subscribe),
            shared,
          )
        : Stream.empty,
    countedRelay: yield* RcRef.make({ acquire: relay }),
    applicationRelay: yield* Effect.cached(Scope.provide(relay, application)),
    /** Made by whoever comes first, in its own scope. */
    firstRelay: onlyOnce(relay),
  }
})

const usesOf = ({ handler }: Plan) => {
  const all = partsOf(handler.before, handler.after, handler.operators).map((part) => part.do)
  return (name: Part["do"]): boolean => all.includes(name)
}

const partsOf = (
  before: ReadonlyArray<Part>,
  after: ReadonlyArray<Part>,
  operators: ReadonlyArray<Operator>,
): ReadonlyArray<Part> => [
  ...before,
  ...after,
  ...operators.flatMap((operator) => (operator.by === "part" ? [operator.part] : [])),
]
