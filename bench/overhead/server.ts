// The server that is measured: what somebody writes who knows nothing of Scopeline, under one Layer.
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { answer } from "../child.ts"
import { cpuMillis, heapBytes } from "../usage.ts"
import { tracingNamed } from "./tracing.ts"
import { publishes, publishesAtOnce } from "./workload.ts"

interface Event {
  readonly id: number
  readonly type: string
  readonly properties: Readonly<Record<string, string>>
}

const bus = Effect.runSync(PubSub.unbounded<Event>())

const frame = (event: Event): Sse.Event => ({
  _tag: "Event",
  event: "message",
  id: undefined,
  data: JSON.stringify(event),
})

const connected = Stream.succeed<Event>({ id: 0, type: "server.connected", properties: {} })

/** Each client encodes for itself, as in most servers. */
const events = Effect.map(PubSub.subscribe(bus), (subscription) =>
  HttpServerResponse.stream(
    connected.pipe(
      Stream.concat(Stream.fromSubscription(subscription)),
      Stream.map(frame),
      Stream.pipeThroughChannel(Sse.encode()),
      Stream.encodeText,
    ),
    { contentType: "text/event-stream", headers: { "cache-control": "no-cache" } },
  ),
)

const session = Effect.fn("session")(function* () {
  const { params } = yield* HttpRouter.RouteContext
  return HttpServerResponse.jsonUnsafe({ id: params.id, title: "a session" })
})

/** What outlives the request that acquires it belongs to the program, until the request lets it go. */
const leased = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const application = yield* Effect.scope
    const lease = Effect.gen(function* () {
      const scope = yield* Effect.acquireRelease(Scope.fork(application), Scope.close)
      yield* Scope.addFinalizer(scope, Effect.void)
      return yield* session()
    })
    yield* router.add("GET", "/leased/:id", lease)
  }),
)

const routes = Layer.mergeAll(
  leased,
  HttpRouter.add("GET", "/event", events),
  HttpRouter.add("GET", "/session/:id", session()),
)

const nextTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** A few events in each turn of the event loop, as a model that talks makes them. */
const publishAll = Effect.gen(function* () {
  for (let id = 1; id <= publishes; id++) {
    yield* PubSub.publish(bus, {
      id,
      type: "message.part.delta",
      properties: { sessionID: "ses_1", messageID: "msg_1", delta: "a few words of text" },
    })
    if (id % publishesAtOnce === 0) yield* nextTurn
  }
})

const node = createServer()

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provide(
    NodeHttpServer.layer(() => node, {
      host: "127.0.0.1",
      port: 0,
      gracefulShutdownTimeout: "100 millis",
    }),
  ),
)

const portOf = (): number => {
  const address = node.address()
  return typeof address === "object" && address !== null ? address.port : Number.NaN
}

const publish = async (): Promise<number> => {
  await Effect.runPromise(publishAll)
  return publishes
}

const program = Effect.gen(function* () {
  yield* Layer.build(server)
  answer({ port: portOf, cpu: cpuMillis, heap: heapBytes, publish })
  yield* Effect.callback<void>((resume) => {
    process.once("disconnect", () => resume(Effect.void))
  })
})

// The server ends within the tracing: what ends after it is lost.
await program.pipe(
  Effect.scoped,
  Effect.provide(tracingNamed(process.env.BENCH_TRACING).layer),
  Effect.runPromise,
)
process.exit(0)
