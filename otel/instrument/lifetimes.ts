import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { FinalizerKind } from "../lifetimes/terms.ts"
import { millisBetween } from "../lifetimes/time.ts"
import type { FiberCount } from "./effect/fiber-count.ts"
import { exchangeServedBy } from "./records/current-exchange.ts"
import { type FinalizerGroup, groupFinalizers } from "./records/finalizer-groups.ts"
import { holdsSomething } from "./records/open-scopes.ts"
import type { ExchangeRecord, LifetimeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { takeRoute } from "./records/route.ts"

/** One lifetime that is open now. Ages are in milliseconds. */
export interface OpenLifetime {
  readonly name: string
  readonly ageMs: number
  /** The exchange it belongs to, as `GET /event`, or the program. */
  readonly exchange: string
}

/**
 * Finalizers that exchanges registered at the same place in a scope of the program, and that are still there.
 */
export interface OpenFinalizers extends OpenLifetime {
  /** What they do: release something, interrupt a fiber, or close a scope that was forked. */
  readonly kind: FinalizerKind
  readonly count: number
  /** The scope that holds them. */
  readonly scope: string
  /** Where they were registered, as `openSession, /app/session.ts:24`. */
  readonly place: string
}

/** What is open now, oldest first. */
export interface OpenNow {
  readonly exchanges: ReadonlyArray<OpenLifetime>
  readonly scopes: ReadonlyArray<OpenLifetime & { readonly role: string; readonly owner: string }>
  readonly subscriptions: ReadonlyArray<
    OpenLifetime & { readonly owner: string; readonly delivered: number; readonly readers: number }
  >
  readonly streams: ReadonlyArray<OpenLifetime & { readonly events: number }>
  /** The fibers that run exchanges and streams. */
  readonly fibers: ReadonlyArray<OpenLifetime & { readonly id: number }>
  /** Fibers that run although their exchange is over: nothing owns them, or they feed one of its streams. */
  readonly orphans: ReadonlyArray<OpenLifetime & { readonly id: number; readonly owned: boolean }>
  /** What exchanges have left in scopes of the program. The age is that of the oldest. */
  readonly finalizers: ReadonlyArray<OpenFinalizers>
  /** All fibers under the Layer. */
  readonly runningFibers: number
}

const program = "the program"

/** The lifetimes of the program, for the program itself. */
export class Lifetimes extends Context.Service<
  Lifetimes,
  {
    /** What is open now, without the exchange that asks. */
    readonly openNow: Effect.Effect<OpenNow>
    /**
     * Tells Scopeline that the program begins to stop: a stream that ends from now on was ended by the
     * shutdown. For programs that end their streams themselves, before their Layers close.
     */
    readonly beginShutdown: () => void
  }
>()("scopeline/Lifetimes") {}

/**
 * Reads what is open; empty if no lifetimes are recorded. The exchange that asks is left out, so that it does
 * not count itself.
 */
export const openNow: Effect.Effect<OpenNow> = Effect.withFiber(
  ({ context }) =>
    Context.getOrUndefined(context, Lifetimes)?.openNow ??
    Effect.succeed({ ...nothing, runningFibers: 0 }),
)

/** The part of the registry that a program may use: it can look, and change nothing. */
export const lifetimesOf = (
  registry: LifetimeRegistry,
  fibers: FiberCount["Service"],
): Lifetimes["Service"] => ({
  openNow: Effect.withFiber((fiber) =>
    Effect.sync(() => openIn(registry, fibers, exchangeServedBy(fiber))),
  ),
  beginShutdown: () => registry.beginShutdown(),
})

/** What is open now, without the exchange that asks. */
export const openIn = (
  registry: LifetimeRegistry,
  fibers: FiberCount["Service"],
  asking?: ExchangeRecord,
): OpenNow => ({ ...look(registry, asking), runningFibers: fibers.running })

const nothing = {
  exchanges: [],
  scopes: [],
  subscriptions: [],
  streams: [],
  fibers: [],
  orphans: [],
  finalizers: [],
}

const look = (
  registry: LifetimeRegistry,
  asking: ExchangeRecord | undefined,
): Omit<OpenNow, "runningFibers"> => {
  const now = registry.now()
  const ageMs = (record: { readonly startedAt: number }) => millisBetween(record.startedAt, now)
  const exchanges = [...registry.exchanges].filter((exchange) => exchange !== asking)
  const open = <A extends LifetimeRecord>(records: Iterable<A>) =>
    [...records].filter((record) => asking === undefined || record.exchange !== asking)
  const common = (record: LifetimeRecord) => ({
    name: record.name,
    ageMs: ageMs(record),
    exchange: record.exchange?.route ?? program,
  })
  exchanges.forEach(takeRoute)
  const streams = open(registry.streams)
  return {
    exchanges: exchanges.map((exchange) => ofExchange(exchange, ageMs(exchange))),
    scopes: open(registry.scopes)
      .filter(holdsSomething)
      .map((scope) => ({
        ...common(scope),
        role: scope.role,
        owner: scope.ownedBy?.name ?? "",
      })),
    subscriptions: open(registry.subscriptions).map((subscription) => ({
      ...common(subscription),
      owner: subscription.owner.name,
      delivered: subscription.delivered,
      readers: subscription.readers.size,
    })),
    streams: streams.map((stream) => ({ ...common(stream), events: stream.events })),
    fibers: [
      ...exchanges.map((exchange) => ({
        ...ofExchange(exchange, ageMs(exchange)),
        id: exchange.fiber,
      })),
      ...streams
        .filter(({ fiber, exchange }) => fiber !== exchange?.fiber)
        .map((stream) => ({ ...common(stream), id: stream.fiber })),
    ],
    orphans: open(registry.orphans).map((orphan) => ({
      ...common(orphan),
      id: orphan.id,
      owned: orphan.pile !== undefined,
    })),
    finalizers: groupFinalizers(open(registry.finalizers)).map((group) => ({
      name: group.name,
      ageMs: ageMs(group),
      exchange: group.route,
      kind: group.what,
      count: group.count,
      scope: group.scope,
      place: placeOf(group),
    })),
  }
}

const placeOf = ({ name, code }: FinalizerGroup): string => {
  if (code?.file === undefined) return name
  return `${name}, ${code.file}${code.line === undefined ? "" : `:${code.line}`}`
}

const ofExchange = ({ route }: ExchangeRecord, ageMs: number): OpenLifetime => ({
  name: route,
  ageMs,
  exchange: route,
})
