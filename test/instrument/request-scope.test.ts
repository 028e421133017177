import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = 1_000
const lifetimes = recorded({ grace })

const pass = (millis: number) => TestClock.adjust(millis)

const subscribed = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  return Stream.fromSubscription(yield* subscribeTraced(bus))
})

const traced = Effect.map(subscribed, (events) => eventStream(events.pipe(tracedStream("event"))))

/** A server that hands the request's scope to the body and lets another fiber run that, but for HEAD. */
const transferring = (handler: Handler, method: "GET" | "HEAD") =>
  HttpEffect.toHandled(handler, (_, response) => {
    const { body } = HttpEffect.scopeTransferToStream(response)
    const runs = method === "GET" && body._tag === "Stream"
    return runs ? Effect.forkDetach(Stream.runDrain(body.stream)) : Effect.void
  }).pipe(
    Effect.provideService(
      HttpServerRequest.HttpServerRequest,
      HttpServerRequest.fromWeb(new Request("http://localhost/event", { method })),
    ),
  )

/** Answers one request, and stops the program long afterwards; gives what was found, and when. */
const stoppedAfter = <E>(answered: Effect.Effect<void, E>) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(lifetimes).pipe(
      Effect.tap((built) =>
        Effect.andThen(answered, pass(3_000)).pipe(Effect.provideContext(built)),
      ),
      Effect.scoped,
    )
    const { ended, findings } = Context.get(context, Recording)
    return {
      rules: findings.map(({ rule, at }) => [rule, at]),
      open: ended.filter(({ endedAt }) => endedAt === undefined).map(({ name }) => name),
    }
  })

describe("a request scope that was handed to a body which never runs", () => {
  it.effect("is said to leak when the grace period is over, and its subscription is not", () =>
    Effect.gen(function* () {
      const { rules } = yield* stoppedAfter(transferring(traced, "HEAD"))
      deepStrictEqual(rules, [["request-scope-leak", 1_001_000]])
    }),
  )

  it.effect("is told as open, with what it keeps, when the program stops", () =>
    Effect.gen(function* () {
      const { open } = yield* stoppedAfter(transferring(traced, "HEAD"))
      deepStrictEqual(open, ["request", "bus"])
    }),
  )
})

describe("a request scope that the server closes", () => {
  it.effect("does not leak, whatever the method", () =>
    Effect.gen(function* () {
      const { rules } = yield* stoppedAfter(answer(traced, "HEAD"))
      deepStrictEqual(rules, [])
    }),
  )

  it.effect("does not leak while its body runs, traced or not", () =>
    Effect.gen(function* () {
      const untraced = Effect.map(subscribed, eventStream)
      deepStrictEqual((yield* stoppedAfter(transferring(traced, "GET"))).rules, [])
      deepStrictEqual((yield* stoppedAfter(transferring(untraced, "GET"))).rules, [])
    }),
  )

  it.effect("does not leak where the handler read a stream, and the body still runs", () =>
    Effect.gen(function* () {
      const reading = Stream.make(1).pipe(tracedStream("settings"), Stream.runDrain)
      const handler = Effect.andThen(reading, Effect.map(subscribed, eventStream))
      deepStrictEqual((yield* stoppedAfter(transferring(handler, "GET"))).rules, [])
    }),
  )
})
