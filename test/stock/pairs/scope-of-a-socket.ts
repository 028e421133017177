import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, becomesInTime, settle, ticking } from "../stage.ts"

type Subscribe = Effect.Effect<PubSub.Subscription<string>, never, Scope.Scope>

/** A socket says back what it hears, and tells what it has subscribed to, perhaps in a scope that closes at once. */
const watch = Effect.fnUntraced(function* (around: (subscribe: Subscribe) => Subscribe) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const join = Effect.fn("join")(function* () {
    return yield* PubSub.subscribe(bus)
  })
  const talk = Effect.fn("talk")(function* () {
    const { upgrade } = yield* HttpServerRequest.HttpServerRequest
    const socket = yield* upgrade
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    const subscription = yield* around(join())
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(PubSub.take(subscription), write)))
    const echo = Effect.flatMap(pull, (heard) => Effect.forEach(heard, write))
    yield* Effect.ignore(Effect.forever(echo))
    return HttpServerResponse.empty()
  })
  const url = yield* serve(HttpRouter.add("GET", "/scope-of-a-socket", talk()))
  const heard = new Set<unknown>()
  const socket = new WebSocket(`${url.replace("http", "ws")}/scope-of-a-socket`)
  socket.addEventListener("open", () => socket.send("hello"))
  socket.addEventListener("message", ({ data }) => heard.add(data))
  yield* becomes(() => heard.has("hello"))
  yield* settle
  const right = yield* becomesInTime(() => heard.has("tick"))
  socket.close()
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "talk",
  broken: watch(Effect.scoped),
  fixed: watch((subscribe) => subscribe),
}
