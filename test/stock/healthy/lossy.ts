/** PubSubs that lose messages which nobody misses. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { ask, connected, stalled } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

/** A client has stopped reading. What waits for it is the latest value, and nobody waits for the client. */
const aStalledLatestValue: Program = Effect.gen(function* () {
  const latest = yield* PubSub.sliding<string>({ capacity: 1, replay: 1 })
  const watch = Effect.fn("watch")(function* () {
    return sse(Stream.fromSubscription(yield* PubSub.subscribe(latest)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-stalled-latest-value", watch()))
  let published = 0
  const publish = Effect.tap(PubSub.publish(latest, "x".repeat(100_000)), () =>
    Effect.sync(() => published++),
  )
  yield* Effect.forkScoped(Effect.forever(Effect.delay(publish, "5 millis")))
  const client = yield* stalled(`${url}/a-stalled-latest-value`)
  yield* settle
  const before = published
  yield* settle
  yield* client.leave
  yield* settle
  return published > before
})

/** A body waits for what it needs to know, and goes on with something else. It keeps what it waited on. */
const aWaitForAMoment: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(16)
  yield* ticking(bus, "tick", 5)
  const watch = Effect.fn("watch")(function* () {
    const ticks = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    const rows = Stream.map(Stream.fromSchedule(Schedule.spaced("30 millis")), () => "row")
    return sse(Stream.concat(Stream.take(ticks, 3), Stream.take(rows, 30)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-wait-for-a-moment", watch()))
  const answer = yield* ask(`${url}/a-wait-for-a-moment`)
  yield* settle
  return answer.count("tick") === 3 && answer.count("row") === 30
})

/** A body reads until it knows what it waits for, and then takes its time to work out the result. */
const aResultOfABody: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(8)
  yield* ticking(bus, "tick", 5)
  const watch = Effect.fn("watch")(function* () {
    const ticks = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    const result = Effect.as(Effect.repeat(settle, { times: 1 }), "result")
    return sse(
      Stream.concat(
        Stream.takeUntil(ticks, () => true),
        Stream.fromEffect(result),
      ),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-result-of-a-body", watch()))
  const answer = yield* ask(`${url}/a-result-of-a-body`)
  const impatient = yield* connected(`${url}/a-result-of-a-body`)
  yield* settle
  yield* impatient.leave
  yield* settle
  return answer.count("tick") === 1 && answer.count("result") === 1
})

/** It works on the last that it takes, and wants no more. */
const aWorkOnTheLast = (
  path: `/${string}`,
  work: (
    events: Stream.Stream<string>,
    task: (event: string) => Effect.Effect<string>,
  ) => Stream.Stream<string>,
): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(8)
    yield* ticking(bus, "tick", 5)
    const task = () => Effect.as(Effect.repeat(settle, { times: 1 }), "result")
    const watch = Effect.fn("watch")(function* () {
      return sse(work(Stream.fromSubscription(yield* PubSub.subscribe(bus)), task))
    })
    const url = yield* serve(HttpRouter.add("GET", path, watch()))
    const answer = yield* ask(url + path)
    yield* settle
    return answer.events.join() === "result"
  })

type Bus = PubSub.Subscription<string>

const rows = Stream.fromSchedule(Schedule.spaced("80 millis")).pipe(
  Stream.map(() => "row"),
  Stream.take(8),
)

const thenRows = (signals: Stream.Stream<string>) => Stream.concat(Stream.take(signals, 1), rows)

/** Another fiber than that of the body reads until it knows what it waits for. The body sends rows then. */
const signal = (
  path: `/${string}`,
  body: (bus: Bus, other: Bus) => Stream.Stream<string>,
): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(4)
    const other = yield* PubSub.dropping<string>(4)
    yield* ticking(bus, "tick", 5)
    yield* ticking(other, "tick", 7)
    const watch = Effect.fn("watch")(function* () {
      return sse(body(yield* PubSub.subscribe(bus), yield* PubSub.subscribe(other)))
    })
    const url = yield* serve(HttpRouter.add("GET", path, watch()))
    const answer = yield* ask(url + path)
    yield* settle
    return answer.count("tick") === 1 && answer.count("row") === 8
  })

export const lossy = {
  "a-stalled-latest-value": aStalledLatestValue,
  "a-wait-for-a-moment": aWaitForAMoment,
  "a-result-of-a-body": aResultOfABody,
  "a-work-on-the-first": aWorkOnTheLast("/a-work-on-the-first", (events, task) =>
    Stream.mapEffect(Stream.take(events, 1), task),
  ),
  "a-work-on-one-of-its-kind": aWorkOnTheLast("/a-work-on-one-of-its-kind", (events, task) =>
    Stream.filter(events, (event) => event === "tick").pipe(
      Stream.mapEffect(task),
      Stream.takeUntil((result) => result === "result"),
    ),
  ),
  "a-work-on-what-ends": aWorkOnTheLast("/a-work-on-what-ends", (events, task) =>
    Stream.concat(
      Stream.drain(Stream.takeWhile(events, (event) => event !== "tick")),
      Stream.flatMap(Stream.make("result"), (result) => Stream.fromEffect(task(result))),
    ),
  ),
  "a-work-on-the-head": aWorkOnTheLast("/a-work-on-the-head", (events, task) =>
    Stream.fromEffect(
      Effect.flatMap(Stream.runHead(events), () => Effect.suspend(() => task("tick"))),
    ),
  ),
  "a-work-after-a-failure": aWorkOnTheLast("/a-work-after-a-failure", (events, task) =>
    Stream.mapEffect(events, () => Effect.fail("enough")).pipe(
      Stream.catch(() => Stream.fromEffect(task("tick"))),
    ),
  ),
  "a-signal-of-a-race": signal("/a-signal-of-a-race", (bus, other) =>
    thenRows(Stream.fromEffect(Effect.raceFirst(PubSub.take(bus), PubSub.take(other)))),
  ),
  "a-signal-of-a-merge": signal("/a-signal-of-a-merge", (bus, other) =>
    thenRows(Stream.merge(Stream.fromSubscription(bus), Stream.fromSubscription(other))),
  ),
  "a-signal-of-a-buffer": signal("/a-signal-of-a-buffer", (bus) =>
    thenRows(Stream.buffer(Stream.fromSubscription(bus), { capacity: 2 })),
  ),
  "a-signal-of-a-switch": signal("/a-signal-of-a-switch", (bus) =>
    Stream.switchMap(Stream.take(Stream.fromSubscription(bus), 1), (tick) =>
      Stream.concat(Stream.make(tick), rows),
    ),
  ),
  "a-signal-of-a-callback": signal("/a-signal-of-a-callback", (bus) =>
    Stream.callback<string>((queue) =>
      Effect.gen(function* () {
        yield* Queue.offer(queue, yield* PubSub.take(bus))
        yield* Stream.runForEach(rows, (row) => Queue.offer(queue, row))
        yield* Queue.end(queue)
      }),
    ),
  ),
}
