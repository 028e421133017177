import { deepStrictEqual, match, strictEqual } from "node:assert"
import { afterEach, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { orphanFiber } from "../../otel/lifetimes/rules/orphan-fiber.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = 1_000

const pass = (millis: number) => TestClock.adjust(millis)

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** What is known of the exchanges that are open. */
const known = Effect.map(Registry, ({ exchanges }) =>
  [...exchanges].flatMap(({ matches }) => matches.map(({ rule }) => rule)),
)

/** An open exchange whose stream is kept open by something merged into it. */
const watched = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<number>(2).pipe(tracedPubSub("bus"))
  const body = Effect.map(subscribeTraced(bus), (subscription) =>
    eventStream(
      Stream.merge(Stream.fromSubscription(subscription), Stream.never).pipe(tracedStream("event")),
    ),
  )
  yield* start(answer(body))
  yield* pass(1)
  return bus
})

/** The clock that the library reads goes on by this, without a timer of the program having fired. */
let stood = 0

const standing = Layer.unwrap(
  Effect.map(Clock.Clock, (clock) => {
    const late = Object.create(clock, {
      currentTimeNanosUnsafe: {
        value: () => clock.currentTimeNanosUnsafe() + BigInt(stood) * 1_000_000n,
      },
    })
    return recorded({ grace, markOpen: true }).pipe(Layer.provide(Layer.succeed(Clock.Clock, late)))
  }),
)

const withMarkers = recorded({ grace, markOpen: true })

describe("an exchange that a rule is not sure of", () => {
  it.effect("is judged again when something happens to it, and when the time has come", () =>
    Effect.gen(function* () {
      const bus = yield* watched
      yield* pass(9 * grace)
      yield* PubSub.shutdown(bus)
      yield* pass(grace)
      deepStrictEqual(yield* known, [])
      yield* pass(2)
      deepStrictEqual(yield* known, ["starved-stream"])
    }).pipe(Effect.provide(withMarkers)),
  )

  it.effect("is given the time again in which the program stood still", () =>
    Effect.gen(function* () {
      const bus = yield* watched
      yield* PubSub.shutdown(bus)
      yield* pass(grace / 2)
      stood = 10 * grace
      yield* pass(grace)
      deepStrictEqual(yield* known, [])
      yield* pass(grace)
      deepStrictEqual(yield* known, ["starved-stream"])
    }).pipe(Effect.provide(standing)),
  )

  it.effect("is judged at once when messages are lost", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.sliding<number>(2).pipe(tracedPubSub("bus"))
      const body = Effect.map(subscribeTraced(bus), (subscription) =>
        eventStream(
          Stream.fromSubscription(subscription).pipe(
            tracedStream("event"),
            Stream.mapEffect(() => Effect.never),
          ),
        ),
      )
      yield* start(answer(body))
      yield* pass(1)
      for (const message of [1, 2, 3, 4, 5]) {
        yield* PubSub.publish(bus, message)
        yield* pass(1)
      }
      deepStrictEqual(yield* known, ["slow-consumer"])
    }).pipe(Effect.provide(withMarkers)),
  )

  it.effect("is told to be open at once when something is found of it", () =>
    Effect.gen(function* () {
      yield* PubSub.shutdown(yield* watched)
      const { open } = yield* Recording
      yield* pass(grace + 50)
      const told = open.length
      deepStrictEqual(open.at(-1), ["GET /event", 1_002_000])
      yield* pass(20)
      strictEqual(open.length, told)
    }).pipe(Effect.provide(withMarkers)),
  )

  it.effect("waits for its end where open exchanges are told to nobody", () =>
    Effect.gen(function* () {
      yield* PubSub.shutdown(yield* watched)
      yield* pass(3 * grace)
      deepStrictEqual((yield* Recording).open, [])
      deepStrictEqual(yield* known, ["starved-stream"])
    }).pipe(Effect.provide(recorded({ grace }))),
  )
})

describe("several exchanges that must be judged again", () => {
  it.effect("are judged each in its own time", () =>
    Effect.gen(function* () {
      const detaching = Effect.as(
        Effect.forkDetach(Effect.sleep(9_000)),
        HttpServerResponse.empty(),
      )
      for (const _ of [1, 2, 3]) {
        yield* answer(detaching)
        yield* pass(300)
      }
      yield* pass(3 * grace)
      const { findings } = yield* Recording
      deepStrictEqual(
        findings.map(({ at }) => at),
        [1_001_000, 1_301_000, 1_601_000],
      )
    }).pipe(Effect.provide(recorded({ grace }))),
  )
})

describe("a rule that throws", () => {
  const stderr = vi.fn<typeof console.error>()

  beforeEach(() => {
    stderr.mockReset()
    vi.spyOn(console, "error").mockImplementation(stderr)
    vi.spyOn(orphanFiber, "judge").mockImplementation(() => {
      throw new Error("the rule is broken")
    })
  })

  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.effect("changes nothing of the program, is told once, and keeps no exchange", () =>
    Effect.gen(function* () {
      for (const _ of [1, 2, 3]) {
        yield* answer(Effect.succeed(HttpServerResponse.empty()))
        yield* pass(2 * grace)
      }
      strictEqual((yield* Registry).exchanges.size, 0)
      strictEqual(stderr.mock.calls.length, 1)
      match(String(stderr.mock.calls[0]?.[0]), /could not judge an exchange/)
    }).pipe(Effect.provide(recorded({ grace }))),
  )
})
