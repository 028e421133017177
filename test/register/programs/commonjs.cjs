/** A program whose modules are CommonJS. */
const { createServer } = require("node:http")
const NodeHttpServer = require("@effect/platform-node/NodeHttpServer")
const { Effect, Layer, ManagedRuntime, PubSub, Stream } = require("effect")
const { HttpRouter, HttpServer, HttpServerResponse } = require("effect/http")

const openStream = Effect.fn("openStream")(function* () {
  /** @type {PubSub.PubSub<string>} */
  const bus = yield* PubSub.unbounded()
  const subscription = yield* PubSub.subscribe(bus)
  const events = Stream.concat(Stream.make("hello|"), Stream.fromSubscription(subscription))
  return HttpServerResponse.stream(Stream.encodeText(events))
})

const routes = HttpRouter.add("GET", "/broken", Effect.scoped(openStream()))

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
)

const runtime = ManagedRuntime.make(server)

const main = async () => {
  const { address } = await runtime.runPromise(HttpServer.HttpServer)
  const answer = await fetch(`${HttpServer.formatAddress(address)}/broken`)
  console.log(await answer.text())
  await runtime.dispose()
}

void main()
