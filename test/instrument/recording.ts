import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type LifetimesOptions, layerLifetimes } from "../../otel/instrument/automatic.ts"
import type { Lifetimes } from "../../otel/instrument/lifetimes.ts"
import type {
  ExchangeRecord,
  LifetimeRecord,
  OrphanRecord,
  ScopeRecord,
  StreamRunRecord,
  SubscriptionRecord,
} from "../../otel/instrument/records/record.ts"
import type { Registry } from "../../otel/instrument/records/registry.ts"
import { LifetimeSink } from "../../otel/instrument/records/sink.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"

/** What a program's lifetimes told their sink, in the order in which they told it. */
export class Recording extends Context.Service<
  Recording,
  {
    readonly ended: Array<LifetimeRecord>
    readonly findings: Array<Match & { readonly at: number }>
    /** Exchanges that were told to be open, by name, and when. */
    readonly open: Array<readonly [name: string, at: number]>
  }
>()("test/Recording") {}

/**
 * Lifetimes that tell a `Recording`, and nobody else. Where `writes` is given, the
 * server spans are written as it says.
 */
export const recorded = (
  options: LifetimesOptions = {},
  writes?: "at once" | "when done",
): Layer.Layer<Lifetimes | Registry | Recording> => {
  const sink = Layer.effect(
    LifetimeSink,
    Effect.map(Recording, ({ ended, findings, open }) => ({
      service: "test",
      begun: () => {},
      done: () => {},
      export: (record: LifetimeRecord) => void ended.push(record),
      exportFinding: (_: unknown, match: Match, at: number) => void findings.push({ ...match, at }),
      writes: () => writes,
      drops: () => false,
      answered: () => {},
      exportOpen: (exchanges: ReadonlyArray<ExchangeRecord>, at: number) => {
        for (const { route } of exchanges) open.push([route, at])
      },
    })),
  )
  return layerLifetimes(options).pipe(
    Layer.provide(sink),
    Layer.provideMerge(Layer.sync(Recording, () => ({ ended: [], findings: [], open: [] }))),
  )
}

const isScope = (record: LifetimeRecord): record is ScopeRecord => record.kind === "scope"

const isSubscription = (record: LifetimeRecord): record is SubscriptionRecord =>
  record.kind === "subscription"

const isFiber = (record: LifetimeRecord): record is OrphanRecord => record.kind === "fiber"

const isStream = (record: LifetimeRecord): record is StreamRunRecord => record.kind === "stream"

const named = <A extends LifetimeRecord>(
  is: (record: LifetimeRecord) => record is A,
  name: string,
): Effect.Effect<A, never, Recording> =>
  Effect.map(Recording, ({ ended }) => {
    const all = ended.filter(is).filter((record) => record.name === name)
    const [only] = all
    if (only === undefined || all.length > 1) {
      throw new Error(`${all.length} lifetimes named ${name} have ended, and not one`)
    }
    return only
  })

/** The one scope of that name that has ended. */
export const endedScope = (name: string) => named(isScope, name)

/** The one subscription of that name that has ended. */
export const endedSubscription = (name: string) => named(isSubscription, name)

/** The subscription of that name that was the last to end. */
export const lastSubscription = (
  name: string,
): Effect.Effect<SubscriptionRecord, never, Recording> =>
  Effect.map(Recording, ({ ended }) => {
    const last = ended.filter(isSubscription).findLast((record) => record.name === name)
    if (last === undefined) throw new Error(`no subscription named ${name} has ended`)
    return last
  })

/** The one stream of that name that has ended. */
export const endedStream = (name: string) => named(isStream, name)

/** The fibers that nothing owns, as far as they were told, in the order in which that was. */
export const orphanFibers = Effect.map(Recording, ({ ended }) => ended.filter(isFiber))
