import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { millisBetween } from "../../lifetimes/time.ts"
import { FiberCount } from "../effect/fiber-count.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import type { ExchangeRecord, LifetimeRecord, ScopeRecord } from "./record.ts"
import { Lifetimes } from "./registry.ts"

/** One lifetime that is open now. Ages are in milliseconds. */
export interface OpenLifetime {
  readonly name: string
  readonly ageMs: number
  /** The exchange it belongs to, as `GET /event`, or the program. */
  readonly exchange: string
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
  /** All fibers under the Layer, of whatever kind. */
  readonly runningFibers: number
}

const program = "the program"

/**
 * Looks at what is open; empty where no lifetimes are recorded. The exchange that asks is left out:
 * who counts what is left over must not count the question.
 */
export const openNow: Effect.Effect<OpenNow> = Effect.withFiber((fiber) =>
  Effect.sync(() => {
    const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
    const runningFibers = Context.getOrUndefined(fiber.context, FiberCount)?.running ?? 0
    return lifetimes === undefined
      ? { ...nothing, runningFibers }
      : openIn(lifetimes, runningFibers, exchangeServedBy(fiber))
  }),
)

/** The same for whoever is no fiber. */
export const openIn = (
  lifetimes: Lifetimes["Service"],
  runningFibers: number,
  asking?: ExchangeRecord,
): OpenNow => ({ ...look(lifetimes, asking), runningFibers })

const nothing = { exchanges: [], scopes: [], subscriptions: [], streams: [], fibers: [] }

const look = (
  lifetimes: Lifetimes["Service"],
  asking: ExchangeRecord | undefined,
): Omit<OpenNow, "runningFibers"> => {
  const now = lifetimes.now()
  const ageMs = (record: { readonly startedAt: number }) => millisBetween(record.startedAt, now)
  const exchanges = [...lifetimes.exchanges].filter((exchange) => exchange !== asking)
  const open = <A extends LifetimeRecord>(records: Iterable<A>) =>
    [...records].filter((record) => asking === undefined || record.exchange !== asking)
  const common = (record: LifetimeRecord) => ({
    name: record.name,
    ageMs: ageMs(record),
    exchange: record.exchange?.route ?? program,
  })
  const streams = open(lifetimes.streams)
  return {
    exchanges: exchanges.map((exchange) => ofExchange(exchange, ageMs(exchange))),
    scopes: open(lifetimes.scopes)
      .filter(isOfInterest)
      .map((scope) => ({
        ...common(scope),
        role: scope.role,
        owner: scope.ownedBy?.name ?? "",
      })),
    subscriptions: open(lifetimes.subscriptions).map((subscription) => ({
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
  }
}

/** A program is in many scopes for as long as it runs. */
const isOfInterest = ({ asked, exchange }: ScopeRecord): boolean => asked || exchange !== undefined

const ofExchange = ({ route }: ExchangeRecord, ageMs: number): OpenLifetime => ({
  name: route,
  ageMs,
  exchange: route,
})
