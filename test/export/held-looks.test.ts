import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, expect, it } from "@effect/vitest"
import { Clock, ConfigProvider, Effect, Exit, Fiber, Layer, PubSub, Scope, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { TestClock, TestConsole } from "effect/testing"
import { tellHeld } from "../../otel/export/held-teller.ts"
import type { LifetimeSpan } from "../../otel/export/lifetime-span.ts"
import type { TelemetrySettings } from "../../otel/export/settings.ts"
import { layerTelemetry } from "../../otel/export/telemetry.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { type HeldNow, heldNow } from "../../otel/instrument/held-now.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { isHeldSpan, readHeldLook } from "../../otel/lifetimes/spans/held.ts"
import { fromNanos } from "../../otel/lifetimes/time.ts"
import { answer, eventStream } from "../instrument/exchange.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"

/** What is told of a program that holds this. */
const telling = Effect.fnUntraced(function* (look: () => HeldNow) {
  const clock = yield* Clock.Clock
  const told: Array<LifetimeSpan> = []
  const outlet = {
    writer: { lifetime: (form: LifetimeSpan) => void told.push(form) },
    now: () => fromNanos(clock.currentTimeNanosUnsafe()),
    flush: () => {},
    lost: () => 0,
  }
  const end = yield* Effect.acquireRelease(
    Effect.sync(() => tellHeld(look, outlet, clock)),
    (end) => Effect.sync(end),
  )
  return { told, end }
})

const subscriptions = (count: number): HeldNow => ({
  places: [{ kind: "subscription", name: "bus", code: undefined, count, oldest: 0 }],
  total: count,
})

const counts = (told: ReadonlyArray<LifetimeSpan>) =>
  told.map(({ endedAt, attributes }) => [endedAt / 1e6, attributes["effect.held.total"]])

describe("what a program holds open", () => {
  it.effect("is told at once, each second where it changed, and every ten seconds else", () =>
    Effect.gen(function* () {
      let held = 1
      const { told } = yield* telling(() => subscriptions(held))
      yield* TestClock.adjust("3 seconds")
      held = 2
      yield* TestClock.adjust("22 seconds")
      deepStrictEqual(counts(told), [
        [0, 1],
        [4, 2],
        [14, 2],
        [24, 2],
      ])
    }),
  )

  it.effect("is told for the last time when the program ends", () =>
    Effect.gen(function* () {
      const { told, end } = yield* telling(() => subscriptions(1))
      yield* TestClock.adjust("500 millis")
      end()
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(
        told.map(({ attributes }) => attributes["effect.held.last"]),
        [undefined, true],
      )
    }),
  )

  it.effect("has an event for each of the 100 largest places, and the sum of the others", () =>
    Effect.gen(function* () {
      const places = Array.from({ length: 120 }, (_, index) => ({
        kind: "scope",
        name: `of ${index}`,
        code: undefined,
        count: 120 - index,
        oldest: 0,
      }))
      const { told } = yield* telling(() => ({ places, total: (120 * 121) / 2 }))
      strictEqual(told[0]?.events.length, 100)
      strictEqual(told[0]?.attributes["effect.held.rest"], (20 * 21) / 2)
    }),
  )

  it.effect("is counted by the function that opened it, also when its exchange is over", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const bus = yield* PubSub.unbounded<string>()
      const application = yield* Scope.make()
      const subscribe = Effect.fn("subscribe")(() =>
        PubSub.subscribe(bus).pipe(Scope.provide(application)),
      )
      const handler = Effect.map(subscribe(), (subscription) =>
        eventStream(Stream.take(Stream.fromSubscription(subscription), 1)),
      )
      for (let visit = 0; visit < 3; visit++) {
        const fiber = yield* Effect.forkChild(answer(handler), { startImmediately: true })
        yield* PubSub.publish(bus, "one")
        yield* Fiber.join(fiber)
      }
      const { places, total } = heldNow(registry)
      deepStrictEqual(
        places.map(({ kind, count, code }) => [kind, count, code?.function]),
        [
          ["subscription", 3, "subscribe"],
          ["scope", 1, "subscribe"], // that of the application, which is entered there
        ],
      )
      strictEqual(total, 4)
      const [held] = places
      ok(held?.code?.file?.endsWith("held-looks.test.ts"))
      yield* Scope.close(application, Exit.void)
      deepStrictEqual(heldNow(registry), { places: [], total: 0 })
    }).pipe(Effect.provide(layerLifetimes())),
  )

  it.effect("is counted in all where more scopes were left than are kept", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const left: Array<Scope.Closeable> = []
      const leave = Effect.gen(function* () {
        const scope = yield* Scope.make()
        left.push(scope)
        yield* Effect.addFinalizer(() => Effect.void).pipe(Scope.provide(scope))
        return HttpServerResponse.empty()
      })
      for (let visit = 0; visit < 1_010; visit++) yield* answer(leave)
      strictEqual(heldNow(registry).total, 1_010)
      for (const scope of left) yield* Scope.close(scope, Exit.void)
      strictEqual(heldNow(registry).total, 0)
    }).pipe(Effect.provide(layerLifetimes())),
  )
})

/** What a program sends while it is watched, and says on stderr. */
const watched = (variables: Record<string, string>, settings: Partial<TelemetrySettings> = {}) =>
  Effect.gen(function* () {
    const sink = yield* otlpSink
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.address, ...variables }
    const named = {
      endpoint: { url: "http://127.0.0.1:9", exact: false },
      serviceName: "ticks",
      resource: {},
      fromEnvironment: false,
      ...settings,
    }
    yield* Layer.build(layerTelemetry(named)).pipe(
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))),
      Effect.scoped,
    )
    return { spans: yield* spansIn(sink.requests), said: yield* TestConsole.errorLines }
  })

describe("a program under scopeline watch", () => {
  it.live("sends to where the variables say, whatever it says itself, and one line says so", () =>
    Effect.gen(function* () {
      const { spans, said } = yield* watched({ SCOPELINE_WATCH: "1" })
      deepStrictEqual(
        spans
          .filter(isHeldSpan)
          .map((span) => [readHeldLook(span).isLast, span.resource["service.name"]]),
        [
          [false, "ticks"],
          [true, "ticks"],
        ],
      )
      strictEqual(readHeldLook(spans[0] ?? fail()).pid, process.pid)
      expect(said).toHaveLength(1)
      expect(said.join()).toMatch(
        /^SCOPELINE_WATCH is set: the spans go to http:\/\/127\.0\.0\.1:\d+\/v1\/traces, and not to http:\/\/127\.0\.0\.1:9\/v1\/traces\.$/,
      )
    }).pipe(Effect.provide(TestConsole.layer)),
  )

  it.live("sends where it says nothing itself", () =>
    Effect.gen(function* () {
      const { spans, said } = yield* watched({ SCOPELINE_WATCH: "1" }, { endpoint: undefined })
      strictEqual(spans.filter(isHeldSpan).length, 2)
      deepStrictEqual(said, [])
    }).pipe(Effect.provide(TestConsole.layer)),
  )

  it.live("sends nothing of the kind where the variable is not set", () =>
    Effect.gen(function* () {
      const { spans } = yield* watched({})
      deepStrictEqual(spans, [])
    }).pipe(Effect.provide(TestConsole.layer)),
  )
})

const fail = (): never => {
  throw new Error("nothing came")
}
