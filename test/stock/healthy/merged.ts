/** What begins beside a subscription, and may be sent first. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Events = Stream.Stream<string>

const ticks = Stream.map(Stream.tick("20 millis"), () => "still there")

const merged = (path: `/${string}`, body: (bus: PubSub.PubSub<string>) => Events): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(64)
    yield* ticking(bus, "event")
    const url = yield* serve(
      HttpRouter.add(
        "GET",
        path,
        Effect.sync(() => sse(body(bus))),
      ),
    )
    const client = yield* connected(url + path)
    const right = yield* client.until((it) => it.count("event") > 2)
    yield* client.leave
    yield* settle
    return right
  })

const afterLookingUp = (bus: PubSub.PubSub<string>): Events =>
  Stream.unwrap(Effect.as(Effect.sleep("50 millis"), Stream.fromPubSub(bus)))

export const mergedStreams = {
  "a-tick-beside-a-subscription": merged("/a-tick-beside-a-subscription", (bus) =>
    Stream.merge(ticks, Stream.fromPubSub(bus)),
  ),
  "a-tick-before-a-lookup": merged("/a-tick-before-a-lookup", (bus) =>
    Stream.merge(ticks, afterLookingUp(bus)),
  ),
}
