import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle } from "../stage.ts"

/** A socket says back what it hears, and a fiber sends what comes, until it cannot encode something. */
const watch = Effect.fnUntraced(function* (
  guard: (encoding: Effect.Effect<string, Error>) => Effect.Effect<string, Error>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  const encode = (event: string) =>
    event === "broken" ? Effect.fail(new Error("cannot encode")) : Effect.succeed(event)
  const send = Effect.fn("send")(function* (
    subscription: PubSub.Subscription<string>,
    write: (text: string) => Effect.Effect<void, unknown>,
  ) {
    for (;;) yield* write(yield* guard(encode(yield* PubSub.take(subscription))))
  })
  const talk = Effect.fn("talk")(function* () {
    const { upgrade } = yield* HttpServerRequest.HttpServerRequest
    const socket = yield* upgrade
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    yield* Effect.forkScoped(send(yield* PubSub.subscribe(bus), write))
    const echo = Effect.flatMap(pull, (heard) => Effect.forEach(heard, write))
    yield* Effect.ignore(Effect.forever(echo))
    return HttpServerResponse.empty()
  })
  const url = yield* serve(HttpRouter.add("GET", "/sender-of-a-socket", talk()))
  const heard = new Set<unknown>()
  const socket = new WebSocket(`${url.replace("http", "ws")}/sender-of-a-socket`)
  socket.addEventListener("open", () => socket.send("hello"))
  socket.addEventListener("message", ({ data }) => heard.add(data))
  yield* becomes(() => heard.has("hello"))
  for (const event of ["first", "broken", "last"]) yield* PubSub.publish(bus, event)
  yield* settle
  socket.close()
  yield* settle
  return heard.has("first") && heard.has("last")
})

export const pair: Pair = {
  rule: "unobserved-failure",
  alone: true,
  place: "send",
  broken: watch((encoding) => encoding),
  fixed: watch((encoding) => Effect.catch(encoding, () => Effect.succeed("sorry"))),
}
