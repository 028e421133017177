import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle } from "../stage.ts"

/** A socket looks something up for each of 100 events that come at once: what does not fit is lost without a word. */
const watch = Effect.fnUntraced(function* (capacity: number) {
  const bus = yield* PubSub.sliding<string>(capacity)
  const talk = Effect.fn("talk")(function* () {
    const { upgrade } = yield* HttpServerRequest.HttpServerRequest
    const socket = yield* upgrade
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    const subscription = yield* PubSub.subscribe(bus)
    const next = Effect.tap(PubSub.take(subscription), () => Effect.sleep("2 millis"))
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(next, write)))
    const echo = Effect.flatMap(pull, (heard) => Effect.forEach(heard, write))
    yield* Effect.ignore(Effect.forever(echo))
    return HttpServerResponse.empty()
  })
  const url = yield* serve(HttpRouter.add("GET", "/losing-events-of-a-socket", talk()))
  const heard: Array<unknown> = []
  const socket = new WebSocket(`${url.replace("http", "ws")}/losing-events-of-a-socket`)
  socket.addEventListener("open", () => socket.send("hello"))
  socket.addEventListener("message", ({ data }) => heard.push(data))
  yield* becomes(() => heard.includes("hello"))
  for (let event = 1; event < 100; event++) yield* PubSub.publish(bus, "tick")
  yield* PubSub.publish(bus, "last")
  yield* becomes(() => heard.includes("last"))
  socket.close()
  yield* settle
  return heard.length === 101
})

export const pair: Pair = {
  rule: "slow-consumer",
  place: "talk",
  broken: watch(16),
  fixed: watch(128),
}
