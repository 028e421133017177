import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Size = bigint | number

/** JSON knows no bigint. */
const encode = (size: Size) =>
  Effect.try({ try: () => JSON.stringify({ size }), catch: (cause) => new Error(String(cause)) })

/** One of three events cannot be encoded. */
const watch = Effect.fnUntraced(function* (send: (size: Size) => Effect.Effect<string, Error>) {
  const bus = yield* PubSub.sliding<Size>(64)
  const changes = Effect.fn("changes")(function* () {
    const sizes = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.concat(Stream.make("hello"), Stream.mapEffect(sizes, send)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/server-ended-stream", changes()))
  const client = yield* connected(`${url}/server-ended-stream`)
  for (const size of [1, 2n, 3]) yield* PubSub.publish(bus, size)
  const right = yield* client.until(({ events }) => events.length === 4)
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "server-ended-stream",
  place: "changes",
  alone: true,
  broken: watch(encode),
  fixed: watch((size) => Effect.catch(encode(size), () => Effect.succeed("unknown"))),
}
