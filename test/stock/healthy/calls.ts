/** Calls over RPC, and WebSockets. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import { calling } from "../calling.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, ticking } from "../stage.ts"

class Ticker extends RpcGroup.make(
  Rpc.make("ticks", { success: Schema.String, stream: true }),
  Rpc.make("now", { success: Schema.String }),
) {}

const layerTicker = Ticker.toLayer(
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(64)
    yield* ticking(bus, "tick")
    return {
      ticks: () => Stream.fromPubSub(bus),
      now: () => Effect.scoped(Effect.flatMap(PubSub.subscribe(bus), PubSub.take)),
    }
  }),
)

const layerRpc = (path: `/${string}`, protocol: "http" | "websocket") =>
  Layer.provide(RpcServer.layerHttp({ group: Ticker, path, protocol }), [
    layerTicker,
    RpcSerialization.layerNdjson,
  ])

/** Three streams at once and a call, over whatever protocol. */
const callAll = Effect.gen(function* () {
  const client = yield* RpcClient.make(Ticker)
  const some = client.ticks().pipe(Stream.take(3), Stream.runCollect)
  const streams = yield* Effect.all([some, some, some], { concurrency: 3 })
  const one = yield* client.now()
  return streams.every(({ length }) => length === 3) && one === "tick"
}).pipe(Effect.scoped)

const rpcOverHttp: Program = Effect.gen(function* () {
  const url = yield* serve(layerRpc("/rpc-over-http", "http"))
  const protocol = RpcClient.layerProtocolHttp({ url: `${url}/rpc-over-http` }).pipe(
    Layer.provide([RpcSerialization.layerNdjson, FetchHttpClient.layer]),
  )
  const right = yield* Effect.provide(callAll, protocol)
  yield* settle
  return right
})

const rpcOverWebSocket: Program = Effect.gen(function* () {
  const url = yield* serve(layerRpc("/rpc-over-websocket", "websocket"))
  const socket = Socket.layerWebSocket(`${url.replace("http", "ws")}/rpc-over-websocket`)
  const protocol = RpcClient.layerProtocolSocket().pipe(
    Layer.provide([
      RpcSerialization.layerNdjson,
      Layer.provide(socket, Socket.layerWebSocketConstructorGlobal),
    ]),
  )
  const right = yield* Effect.provide(callAll, protocol)
  yield* settle
  return right
})

/** A socket that says back what it hears, beside a subscription of its own. */
const aWebSocket: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const talk = Effect.fn("talk")(function* () {
    const { upgrade } = yield* HttpServerRequest.HttpServerRequest
    const socket = yield* upgrade
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    const subscription = yield* PubSub.subscribe(bus)
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(PubSub.take(subscription), write)))
    // Until the client has closed it.
    const echo = Effect.flatMap(pull, (heard) => Effect.forEach(heard, write))
    yield* Effect.ignore(Effect.forever(echo))
    return HttpServerResponse.empty()
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-websocket", talk()))
  const heard = yield* Effect.promise(() => talkTo(`${url.replace("http", "ws")}/a-websocket`))
  yield* settle
  return heard.includes("hello") && heard.includes("tick")
})

/** Says hello, and leaves when it has heard that and a tick. */
const talkTo = (url: string): Promise<ReadonlyArray<string>> =>
  new Promise((resolve) => {
    const heard: Array<string> = []
    const socket = new WebSocket(url)
    socket.addEventListener("open", () => socket.send("hello"))
    socket.addEventListener("message", ({ data }) => {
      heard.push(String(data))
      if (heard.includes("hello") && heard.includes("tick")) socket.close()
    })
    socket.addEventListener("error", () => socket.close())
    socket.addEventListener("close", () => resolve(heard))
  })

/** Whoever sends fails now and then, and another goes on with what the socket is subscribed to. */
const aSocketThatSendsAgain: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick", 20)
  const talk = Effect.fn("talk")(function* () {
    const { upgrade } = yield* HttpServerRequest.HttpServerRequest
    const socket = yield* upgrade
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    const subscription = yield* PubSub.subscribe(bus)
    const send = Effect.gen(function* () {
      for (let sent = 0; sent < 5; sent++) yield* write(yield* PubSub.take(subscription))
      return yield* Effect.fail(new Error("cannot encode"))
    })
    const again = Effect.andThen(Effect.forkScoped(send), Effect.sleep("200 millis"))
    yield* Effect.forkScoped(Effect.forever(again))
    yield* Effect.ignore(Effect.forever(pull))
    return HttpServerResponse.empty()
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-socket-that-sends-again", talk()))
  let heard = 0
  const socket = new WebSocket(`${url.replace("http", "ws")}/a-socket-that-sends-again`)
  socket.addEventListener("message", () => heard++)
  yield* becomes(() => heard > 12)
  socket.close()
  yield* settle
  return true
})

/** Before its stream begins a call looks something up, and a child of it notices late that this is over. */
const aLookupOfACall: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick", 5)
  const poll = Effect.fn("poll")(function* (subscription: PubSub.Subscription<string>) {
    for (;;) yield* Effect.delay(PubSub.take(subscription), "20 millis")
  })
  const lookUp = Effect.fn("lookUp")(function* () {
    const polling = yield* Effect.forkChild(poll(yield* PubSub.subscribe(bus)))
    yield* Effect.sleep("30 millis")
    return polling
  })
  const listen = Effect.gen(function* () {
    const polling = yield* Effect.scoped(lookUp())
    yield* Effect.sleep("30 millis")
    yield* Fiber.interrupt(polling)
    return Stream.take(Stream.fromPubSub(bus), 3)
  })
  const ticks = yield* calling("/a-lookup-of-a-call", Stream.unwrap(listen))
  const received = yield* Stream.runCollect(ticks)
  yield* settle
  return received.length === 3
})

export const calls = {
  "rpc-over-http": rpcOverHttp,
  "rpc-over-websocket": rpcOverWebSocket,
  "a-websocket": aWebSocket,
  "a-socket-that-sends-again": aSocketThatSendsAgain,
  "a-lookup-of-a-call": aLookupOfACall,
}
