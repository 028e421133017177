import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Events = Stream.Stream<string>

/** A generator parked in `next()` cleans up when that settles. */
const iterated = Effect.fnUntraced(function* (
  subscribing: Effect.Effect<Events, never, Scope.Scope>,
) {
  const iterable = yield* Stream.toAsyncIterableEffect(Stream.unwrap(subscribing))
  async function* generator() {
    yield "hello"
    for await (const event of iterable) yield event
  }
  return Stream.fromAsyncIterable(generator(), (error) => error)
})

/** A client of a quiet topic leaves; much later something is published. */
const watch = Effect.fnUntraced(function* (
  listen: (
    subscribing: Effect.Effect<Events, never, Scope.Scope>,
  ) => Effect.Effect<Stream.Stream<string, unknown>, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  let open = 0
  const subscribe = Effect.fn("subscribe")(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++open),
      () => Effect.sync(() => --open),
    )
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const url = yield* serve(
    HttpRouter.add("GET", "/harper-1399", Effect.map(listen(subscribe()), sse)),
  )
  const client = yield* connected(`${url}/harper-1399`)
  yield* Effect.sleep("50 millis")
  yield* client.leave
  yield* settle
  const right = open === 0
  yield* PubSub.publish(bus, "created")
  yield* settle
  return right
})

export const pair: Pair = {
  report: "HarperFast/harper#1399",
  rule: "deferred-teardown",
  place: "subscribe",
  broken: watch(iterated),
  fixed: watch(Effect.map((events) => Stream.concat(Stream.make("hello"), events))),
}
