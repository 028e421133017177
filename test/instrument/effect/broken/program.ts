/** Exchanges with one bug each, and what is found about them: run in a process of its own, with an Effect that is broken. */
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { layerLifetimes } from "../../../../otel/instrument/automatic.ts"
import { openNow } from "../../../../otel/instrument/lifetimes.ts"
import type { ExchangeRecord } from "../../../../otel/instrument/records/record.ts"
import { LifetimeSink } from "../../../../otel/instrument/records/sink.ts"
import { tracedPubSub } from "../../../../otel/instrument/traced/pubsub.ts"
import { subscribeTraced } from "../../../../otel/instrument/traced/subscription.ts"
import { answer, eventStream } from "../../exchange.ts"

const exchanges: Array<ExchangeRecord> = []

const sink = Layer.succeed(LifetimeSink, {
  service: "broken",
  writes: () => undefined,
  begun: (exchange) => void exchanges.push(exchange),
  done: () => {},
  export: () => {},
  exportFinding: () => {},
  exportOpen: () => {},
  drops: () => false,
  answered: () => {},
})

/** What the body reads is released before that begins. */
const closedEarly = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>()
  const subscribe = Effect.fn("subscribe")(function* () {
    return Stream.fromSubscription(yield* PubSub.subscribe(pubsub))
  })
  const events = yield* Effect.scoped(subscribe())
  return eventStream(events)
})

/** The subscription is held by what outlives the exchange. */
const leaking = (bus: PubSub.PubSub<number>, application: Scope.Scope) =>
  Effect.as(subscribeTraced(bus).pipe(Scope.provide(application)), HttpServerResponse.empty())

const orphan = Effect.as(Effect.forkDetach(Effect.never), HttpServerResponse.empty())

const failing = Effect.succeed(eventStream(Stream.fail("Service not found: Bus")))

const program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  for (const handler of [closedEarly, leaking(bus, application), orphan, failing]) {
    yield* Effect.exit(answer(handler))
  }
  yield* TestClock.adjust("5 seconds")
  yield* PubSub.publish(bus, 1)
  yield* TestClock.adjust("5 seconds")
  const { runningFibers } = yield* openNow
  return {
    exchanges: exchanges.length,
    rules: exchanges.flatMap(({ matches }) => matches.map(({ rule }) => rule)).toSorted(),
    places: exchanges.flatMap(({ scopes }) => scopes.flatMap(({ code }) => code?.function ?? [])),
    areFibersCounted: runningFibers > 0,
  }
}).pipe(
  Effect.scoped,
  Effect.provide(layerLifetimes().pipe(Layer.provide(sink), Layer.provideMerge(TestClock.layer()))),
)

console.log(JSON.stringify(await Effect.runPromise(program)))
