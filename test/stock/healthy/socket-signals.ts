/** WebSockets that wait for a signal on a PubSub, and then do something else for a long time. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
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
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, ticking } from "../stage.ts"

type Bus = PubSub.Subscription<string>

const rows = Stream.fromSchedule(Schedule.spaced("40 millis")).pipe(
  Stream.map(() => "row"),
  Stream.take(20),
)

/** What a handler does with its socket, and with what it is subscribed to. */
type Talk = (
  socket: Socket.Socket,
  bus: Bus,
  other: Bus,
) => Effect.Effect<void, unknown, Scope.Scope>

/** Signals come all the time. The client hears one, and then rows. */
const signal = (path: `/${string}`, talk: Talk): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(4)
    const other = yield* PubSub.dropping<string>(4)
    yield* ticking(bus, "tick", 5)
    yield* ticking(other, "tick", 5)
    const handle = Effect.fn("handle")(function* () {
      const { upgrade } = yield* HttpServerRequest.HttpServerRequest
      const socket = yield* upgrade
      const signals = yield* PubSub.subscribe(bus)
      yield* Effect.ignore(talk(socket, signals, yield* PubSub.subscribe(other)))
      return HttpServerResponse.empty()
    })
    const url = yield* serve(HttpRouter.add("GET", path, handle()))
    const heard: Array<unknown> = []
    const socket = new WebSocket(url.replace("http", "ws") + path)
    socket.addEventListener("message", ({ data }) => heard.push(data))
    yield* becomes(() => heard.length > 20)
    socket.close()
    yield* settle
    return heard[0] === "tick" && heard.at(-1) === "row"
  })

/** Writes as soon as the client is there. */
const writing = (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const { pull } = yield* socket.reader
    const { write } = yield* socket.writer
    return { write, untilClosed: Effect.forever(pull) }
  })

const aSignalOfASocket = signal("/a-signal-of-a-socket", (socket, bus) =>
  Effect.gen(function* () {
    const { write, untilClosed } = yield* writing(socket)
    yield* write(yield* PubSub.take(bus))
    yield* Stream.runForEach(rows, write)
    yield* untilClosed
  }),
)

const aSignalOfASender = signal("/a-signal-of-a-sender", (socket, bus) =>
  Effect.gen(function* () {
    const { write, untilClosed } = yield* writing(socket)
    const send = Effect.flatMap(PubSub.take(bus), write)
    yield* Effect.forkScoped(Effect.andThen(send, Stream.runForEach(rows, write)))
    yield* untilClosed
  }),
)

const aSignalOfAChannel = signal("/a-signal-of-a-channel", (socket, bus) =>
  Stream.concat(Stream.take(Stream.fromSubscription(bus), 1), rows).pipe(
    // Until the client has closed it.
    Stream.concat(Stream.never),
    Stream.pipeThroughChannel(Socket.toChannelString(socket)),
    Stream.runDrain,
  ),
)

const aSignalBeforeAnAnswer = signal("/a-signal-before-an-answer", (socket, bus) =>
  Effect.gen(function* () {
    const { write, untilClosed } = yield* writing(socket)
    const worked = yield* Deferred.make<string>()
    yield* write(yield* PubSub.take(bus))
    yield* Effect.forkScoped(Effect.andThen(settle, Deferred.succeed(worked, "row")))
    yield* write(yield* Deferred.await(worked))
    yield* Stream.runForEach(rows, write)
    yield* untilClosed
  }),
)

/** It goes on with one of two, and keeps up with that. */
const aSignalOfTwo = signal("/a-signal-of-two", (socket, bus, other) =>
  Effect.gen(function* () {
    const { write, untilClosed } = yield* writing(socket)
    yield* Effect.andThen(PubSub.take(other), PubSub.take(bus)).pipe(Effect.flatMap(write))
    const row = Effect.andThen(PubSub.take(bus), write("row"))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(row, "2 millis")))
    yield* Effect.andThen(settle, untilClosed)
  }),
)

class Jobs extends RpcGroup.make(
  Rpc.make("/a-signal-of-a-call", { success: Schema.String, stream: true }),
) {}

const aSignalOfACall: Program = Effect.gen(function* () {
  const path = "/a-signal-of-a-call"
  const bus = yield* PubSub.sliding<string>(4)
  yield* ticking(bus, "tick", 5)
  const subscribe = Effect.fn("subscribe")(function* () {
    const signals = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return Stream.concat(Stream.take(signals, 1), rows)
  })
  const url = yield* serve(
    Layer.provide(RpcServer.layerHttp({ group: Jobs, path, protocol: "websocket" }), [
      Jobs.toLayer({ [path]: () => Stream.unwrap(subscribe()) }),
      RpcSerialization.layerNdjson,
    ]),
  )
  const socket = Socket.layerWebSocket(url.replace("http", "ws") + path)
  const protocol = RpcClient.layerProtocolSocket().pipe(
    Layer.provide([
      RpcSerialization.layerNdjson,
      Layer.provide(socket, Socket.layerWebSocketConstructorGlobal),
    ]),
  )
  const heard = yield* Stream.unwrap(
    Effect.map(RpcClient.make(Jobs), (client) => client[path]()),
  ).pipe(Stream.runCollect, Effect.provide(protocol))
  yield* settle
  return heard.length === 21
})

export const socketSignals = {
  "a-signal-of-a-socket": aSignalOfASocket,
  "a-signal-of-a-sender": aSignalOfASender,
  "a-signal-of-a-channel": aSignalOfAChannel,
  "a-signal-before-an-answer": aSignalBeforeAnAnswer,
  "a-signal-of-two": aSignalOfTwo,
  "a-signal-of-a-call": aSignalOfACall,
}
