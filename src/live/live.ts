import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { hostId } from "../../otel/export/resource.ts"
import { layerWatched } from "../../otel/export/telemetry.ts"
import { defaultGrace } from "../../otel/lifetimes/diagnose.ts"
import { evictionNotice, watchEvictions } from "../collector/eviction-notice.ts"
import { Receiver } from "../collector/receiver.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { startServer } from "../comparison/start-server.ts"
import type { EventStream } from "../page/snapshot.ts"
import { buildAlone } from "../probe/isolated.ts"
import { Bus } from "../server/bus.ts"
import { listenForPage } from "../watch/page-server.ts"
import { WatchedProgram } from "../watch/watched-program.ts"
import { forwardToJaeger, type JaegerAddresses } from "./jaeger.ts"

interface LiveOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** How much its collector keeps, in bytes. */
  readonly memory: number
  readonly jaeger: JaegerAddresses
}

/** The two servers that the page shows, in its order. */
export const sides = ["broken", "fixed"] as const

export type Side = (typeof sides)[number]

/** A connection that is open for days must not make the page slow. */
const spansPerTrace = 5_000

const host = "127.0.0.1"

const batchDelay = "100 millis"

/**
 * The page of `watch` with the broken and the fixed server as its program, until the scope closes. The page
 * itself connects to both streams. Returns its address; fails with `ServeError` if it cannot listen.
 */
export const startLive = Effect.fnUntraced(function* ({ port, memory, jaeger }: LiveOptions) {
  const pageScope = yield* Scope.fork(yield* Effect.scope)
  const page = yield* listenForPage({ host, port, allowHosts: [], jaeger: undefined }).pipe(
    Scope.provide(pageScope),
  )
  const forwarding = yield* forwardToJaeger(jaeger)
  const known = yield* buildAlone(TraceStore.layer({ bytes: memory, spansPerTrace }))
  let otlp = ""
  let streams: ReadonlyArray<EventStream> = []
  const watched = yield* Layer.build(
    WatchedProgram.layer({
      title: "GET /event, live: broken and fixed",
      otlp: () => otlp,
      started: undefined,
      directory: process.cwd(),
      editor: undefined,
      grace: defaultGrace,
      streamRoutes: [],
      knownReason: () => undefined,
      isRunning: () => true,
      host: hostId(),
      received: forwarding.add,
      tell: () => Effect.void,
      streams: () => streams,
      jaeger: () => (forwarding.hasTaken() ? jaeger.ui : undefined),
      notes: Effect.sync(() => (forwarding.hasTaken() ? forwarding.notes() : [])), // most have no Jaeger
    }).pipe(Layer.provide(Layer.merge(Layer.succeedContext(known), Layer.succeed(Bus, page.bus)))),
  )
  const receiver = yield* buildAlone(
    Receiver.layer({ host, port: 0, memory }).pipe(Layer.provide(Layer.succeedContext(watched))),
  )
  otlp = Context.get(receiver, Receiver).url
  yield* watchEvictions((counts) => Console.error(evictionNotice(counts, memory))).pipe(
    Effect.provide(watched),
  )

  // Each may wait a moment for its clients when it ends. They do so at the same time, before the receiver ends.
  const together = yield* Scope.fork(yield* Effect.scope, "parallel")
  yield* Scope.addFinalizerExit(together, (exit) => Scope.close(pageScope, exit))
  const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Scope.fork(together), (scope) => Scope.provide(effect, scope))
  const cors = [page.address, page.address.replace(host, "localhost")].join(",")
  streams = yield* Effect.forEach(sides, (variant) =>
    Effect.map(
      alone(
        startServer({ variant, service: variant, collector: otlp, cors, batchDelay }, layerWatched),
      ),
      ({ address }): EventStream => ({ name: variant, url: `${address}/event` }),
    ),
  )
  const reach = streams.map(({ url }) => new URL(url).origin)
  yield* page.show(Context.get(watched, WatchedProgram), reach)
  return page.address
})
