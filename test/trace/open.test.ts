import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import {
  layerTelemetry,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { receiver } from "../collector/post.ts"

/** Runs a program that never ends until its telemetry stops; gives every span that was sent. */
const sentBy = Effect.fnUntraced(function* (program: Effect.Effect<unknown>) {
  const { url } = yield* Receiver
  const store = yield* TraceStore
  const telemetry = layerTelemetry({
    endpoint: { url, exact: false },
    serviceName: "test",
    resource: {},
    fromEnvironment: false,
  })
  yield* Effect.forkScoped(program, { startImmediately: true }).pipe(
    Effect.provide(telemetry, { local: true }),
  )
  const traces = yield* Effect.forEach(yield* store.traces, store.trace)
  return traces.flat()
}, Effect.provide(receiver))

const leftOpen = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  const subscription = yield* subscribeTraced(pubsub)
  yield* Stream.fromSubscription(subscription).pipe(tracedStream("event"), Stream.runDrain)
}).pipe(tracedScope("work"))

describe("what is open when a program stops", () => {
  it.live("is sent, marked as open", () =>
    Effect.gen(function* () {
      const spans = yield* sentBy(leftOpen)
      deepStrictEqual(
        spans.map(({ name, attributes }) => [name, attributes["lifetime.open"]]).toSorted(),
        [
          ["scope work", true],
          ["stream event", true],
          ["subscription bus", true],
        ],
      )
    }),
  )

  it.live("has no event that tells of an end", () =>
    Effect.gen(function* () {
      const spans = yield* sentBy(leftOpen)
      deepStrictEqual(
        spans.flatMap(({ events }) => events.map(({ name }) => name)),
        [],
      )
    }),
  )

  it.live("is sent of the program's own spans too", () =>
    Effect.gen(function* () {
      const [span, ...others] = yield* sentBy(Effect.never.pipe(Effect.withSpan("waiting")))
      strictEqual(others.length, 0)
      deepStrictEqual([span?.name, span?.attributes["lifetime.open"]], ["waiting", true])
    }),
  )

  it.live("is not what has ended before", () =>
    Effect.gen(function* () {
      const [span] = yield* sentBy(Effect.void.pipe(Effect.withSpan("done")))
      deepStrictEqual([span?.name, span?.attributes["lifetime.open"]], ["done", undefined])
    }),
  )
})
