import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { VARIANT } from "../../otel/attributes.ts"
import { layerTelemetry, type TelemetryOptions } from "../../otel/index.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { layerEmbedded, Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { publishedCount } from "../../src/probe/event-types.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { openTracedClient } from "../../src/probe/traced-client.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"
import type { VariantName } from "../../src/server/variant-name.ts"
import { openLifetimes, publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { strictClock } from "./strict-clock.ts"

/** In microseconds. */
export const grace = 50_000

/** What a collector has of one variant, when its server has stopped. */
export interface RecordedTrace {
  /** The trace of the one exchange with a traced client. */
  readonly spans: ReadonlyArray<Span>
  /** Every other trace that the server sent. */
  readonly others: ReadonlyArray<ReadonlyArray<Span>>
}

export type RecordedTraces = Readonly<Record<VariantName, RecordedTrace>>

interface Server {
  readonly address: string
  readonly variant: VariantName
  readonly stop: Effect.Effect<void>
}

/** What the client does to a server; gives its trace. */
type Visit = (server: Server) => Effect.Effect<string, Error, TraceStore | Scope.Scope>

/** Connects, publishes an event, leaves when it came, and publishes one that nobody reads. */
const leaving: Visit = Effect.fnUntraced(function* ({ address, variant, stop }) {
  const { traceId, stream } = yield* openTracedClient(`${address}/event`)
  yield* stream.until(({ firstEventMs }) => firstEventMs !== undefined)
  yield* publish(address, { type: "message.completed", properties: {} })
  yield* stream.until((seen) => publishedCount(seen) > 0)
  yield* stream.leave
  yield* eventually(openLifetimes(address), ({ exchanges }) => exchanges.length === 0)
  yield* publish(address, { type: "session.idle", properties: {} })
  if (variant === "literal") {
    const store = yield* TraceStore
    yield* store.awaitTrace(traceId, (spans) =>
      spans.some(({ name }) => name === "finding subscription-leak"),
    )
  }
  yield* stop
  return traceId
})

/** Connects, and stays until the server has stopped. */
const staying: Visit = Effect.fnUntraced(function* ({ address, stop }) {
  const { traceId, stream } = yield* openTracedClient(`${address}/event`)
  yield* stream.until(({ firstEventMs }) => firstEventMs !== undefined)
  yield* stop
  yield* stream.until(() => false)
  return traceId
})

/** A busy machine stands still at times, and a grace period this short notices that. */
const withoutStandstills = (span: Span): Span => ({
  ...span,
  events: span.events.filter(({ name }) => name !== "process.stalled"),
})

const record = Effect.fnUntraced(function* (
  variant: VariantName,
  visit: Visit,
  telemetryOptions: TelemetryOptions = { grace: grace / 1000 },
) {
  const store = yield* TraceStore
  const { url } = yield* Receiver
  const settings = isolatedSettings(url, "scopeline-sse", { [VARIANT]: variant })
  const telemetry = layerTelemetry(settings, telemetryOptions)
  const server = layerServer({ variant, host: "127.0.0.1", port: 0 }).pipe(Layer.provide(telemetry))
  const traceId = yield* Effect.gen(function* () {
    const client = yield* buildAlone(layerTelemetry(isolatedSettings(url, "scopeline-client")))
    const life = yield* Effect.acquireRelease(Scope.make(), Scope.close)
    const address = Context.get(yield* Scope.provide(buildAlone(server), life), ServerAddress)
    const stop = Scope.close(life, Exit.void)
    return yield* visit({ address, variant, stop }).pipe(Effect.provideContext(client))
  }).pipe(Effect.scoped)
  const others = (yield* store.traces).filter((other) => other !== traceId)
  const recorded: RecordedTrace = {
    spans: (yield* store.trace(traceId)).map(withoutStandstills),
    others: yield* Effect.forEach(others, store.trace),
  }
  return recorded
})

const recordAlone = (variant: VariantName, visit: Visit): Promise<RecordedTrace> =>
  record(variant, visit).pipe(Effect.provide(layerEmbedded), Effect.scoped, Effect.runPromise)

const recordAll = async (visit: Visit): Promise<RecordedTraces> => {
  const [broken, actual, literal, fixed] = await Promise.all([
    recordAlone("broken", visit),
    recordAlone("actual", visit),
    recordAlone("literal", visit),
    recordAlone("fixed", visit),
  ])
  return { broken, actual, literal, fixed }
}

/** One of them, with times in the order in which all of it happened; a slow machine is no finding. */
export const recordInOrder = (variant: VariantName): Promise<RecordedTrace> =>
  record(variant, leaving, { grace: "10 seconds" }).pipe(
    Effect.provide(layerEmbedded),
    Effect.scoped,
    Effect.provideServiceEffect(Clock.Clock, strictClock),
    Effect.runPromise,
  )

/** Each variant over real HTTP, whose client leaves. */
export const recordLeaving = (): Promise<RecordedTraces> => recordAll(leaving)

/** Each variant over real HTTP, whose server is stopped with the client still there. */
export const recordStopping = (): Promise<RecordedTraces> => recordAll(staying)
