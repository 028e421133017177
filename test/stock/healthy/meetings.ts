/** Requests that have to do with each other, as they are meant to. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import { ask, asking, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

const done = HttpServerResponse.empty({ status: 204 })

/** Somebody closes a room, and the streams of those who watch it end. */
const aRoomThatIsClosed: Program = Effect.gen(function* () {
  const room = yield* PubSub.sliding<string>(64)
  const watch = Effect.fn("watch")(function* () {
    const subscription = yield* PubSub.subscribe(room)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const close = Effect.fn("close")(function* () {
    yield* PubSub.shutdown(room)
    return done
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("GET", "/a-room-that-is-closed", watch()),
      HttpRouter.add("DELETE", "/a-room-that-is-closed", close()),
    ),
  )
  const one = yield* connected(`${url}/a-room-that-is-closed`)
  const other = yield* connected(`${url}/a-room-that-is-closed`)
  yield* ask(`${url}/a-room-that-is-closed`, "DELETE")
  const right = yield* Effect.forEach([one, other], (it) => it.until(({ end }) => end === "end"))
  yield* settle
  return right.every((ended) => ended)
})

/** A user has one stream: the next takes over, and the one before ends. */
const aTakeover: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  let current = yield* Deferred.make<void>()
  const watch = Effect.fn("watch")(function* () {
    yield* Deferred.succeed(current, undefined)
    const mine = yield* Deferred.make<void>()
    current = mine
    const subscription = yield* PubSub.subscribe(bus)
    return sse(
      Stream.fromSubscription(subscription).pipe(Stream.interruptWhen(Deferred.await(mine))),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-takeover", watch()))
  const first = yield* connected(`${url}/a-takeover`)
  const second = yield* connected(`${url}/a-takeover`)
  const right = yield* first.until(({ end }) => end === "end")
  yield* settle
  yield* second.leave
  yield* settle
  return right
})

/** A request waits for what another brings. */
const aLongPoll: Program = Effect.gen(function* () {
  const waiting = new Map<number, Deferred.Deferred<string>>()
  let polls = 0
  const poll = Effect.fn("poll")(function* () {
    const id = polls++
    const answer = yield* Deferred.make<string>()
    waiting.set(id, answer)
    const forget = Effect.sync(() => waiting.delete(id))
    return HttpServerResponse.text(yield* Effect.ensuring(Deferred.await(answer), forget))
  })
  const bring = Effect.suspend(() =>
    Effect.as(
      Effect.forEach([...waiting.values()], (one) => Deferred.succeed(one, "news")),
      done,
    ),
  )
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("GET", "/a-long-poll", poll()),
      HttpRouter.add("POST", "/a-long-poll", bring),
    ),
  )
  const hasty = yield* asking(`${url}/a-long-poll`)
  const patient = yield* asking(`${url}/a-long-poll`)
  yield* Effect.sleep("80 millis")
  yield* hasty.leave
  yield* settle
  yield* ask(`${url}/a-long-poll`, "POST")
  const right = yield* patient.until(({ text }) => text === "news")
  yield* settle
  return right && waiting.size === 0
})

/** Work that goes on a moment after the answer, and work that the program takes over for good. */
const aNotification: Program = Effect.gen(function* () {
  const outbox = yield* Queue.unbounded<string>()
  const sent: Array<string> = []
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.flatMap(Queue.take(outbox), (message) =>
        Effect.delay(
          Effect.sync(() => sent.push(message)),
          "20 millis",
        ),
      ),
    ),
  )
  const order = Effect.fn("order")(function* () {
    yield* Queue.offer(outbox, "confirmed")
    yield* Effect.forkDetach(Effect.delay(Queue.offer(outbox, "logged"), "30 millis"))
    return done
  })
  const url = yield* serve(HttpRouter.add("POST", "/a-notification", order()))
  for (let one = 0; one < 4; one++) yield* ask(`${url}/a-notification`, "POST")
  yield* settle
  return sent.length === 8
})

/** Each request replaces the work that the one before began. */
const aReplacedJob: Program = Effect.gen(function* () {
  const handle = yield* FiberHandle.make()
  let running = 0
  const index = Effect.fnUntraced(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++running),
      () => Effect.sync(() => --running),
    )
    yield* Effect.sleep("30 seconds")
  }, Effect.scoped)
  const reindex = Effect.fn("reindex")(function* () {
    yield* FiberHandle.run(handle, index())
    return done
  })
  const url = yield* serve(HttpRouter.add("POST", "/a-replaced-job", reindex()))
  for (let one = 0; one < 4; one++) yield* ask(`${url}/a-replaced-job`, "POST")
  yield* settle
  yield* settle
  return running === 1
})

/** What a handler says of its logs is not what its body needs. */
const anAnnotatedHandler: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const watch = Effect.fn("watch")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    yield* Effect.logTrace("watching")
    return sse(Stream.tap(events, (event) => Effect.logTrace(event)))
  })
  const handler = watch().pipe(
    Effect.annotateLogs("user", "ann"),
    Effect.withLogSpan("watch"),
    Effect.provideService(References.MinimumLogLevel, "Error"),
  )
  const url = yield* serve(HttpRouter.add("GET", "/an-annotated-handler", handler))
  const client = yield* connected(`${url}/an-annotated-handler`)
  const right = yield* client.until((it) => it.count("tick") > 3)
  yield* client.leave
  yield* settle
  return right
})

/** A bus that keeps the latest value is meant to lose the others. */
const theLatestValue: Program = Effect.gen(function* () {
  const latest = yield* PubSub.sliding<number>(1)
  const watch = Effect.fn("watch")(function* () {
    const values = Stream.fromSubscription(yield* PubSub.subscribe(latest))
    const drawn = Stream.mapEffect(values, (value) => Effect.as(Effect.sleep("60 millis"), value))
    return sse(Stream.map(drawn, String))
  })
  const url = yield* serve(HttpRouter.add("GET", "/the-latest-value", watch()))
  yield* Effect.forkScoped(
    Effect.forEach(
      Array.from({ length: 200 }, (_, index) => index),
      (value) => Effect.delay(PubSub.publish(latest, value), "5 millis"),
    ),
  )
  const client = yield* connected(`${url}/the-latest-value`)
  const right = yield* client.until(({ events }) => events.length > 10)
  yield* client.leave
  yield* settle
  return right
})

export const meetings = {
  "a-room-that-is-closed": aRoomThatIsClosed,
  "a-takeover": aTakeover,
  "a-long-poll": aLongPoll,
  "a-notification": aNotification,
  "a-replaced-job": aReplacedJob,
  "an-annotated-handler": anAnnotatedHandler,
  "the-latest-value": theLatestValue,
}
