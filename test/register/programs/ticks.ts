/** What the programs beside this have in common. They know nothing of this project. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"

/** An event stream on a subscription in whatever scope this runs in. */
const subscribe = Effect.fn("subscribe")(function* (ticks: PubSub.PubSub<string>) {
  const subscription = yield* PubSub.subscribe(ticks)
  const events = Stream.make("data: hello\n\n").pipe(
    Stream.concat(Stream.fromSubscription(subscription)),
    Stream.take(3),
    Stream.encodeText,
  )
  return HttpServerResponse.stream(events, { contentType: "text/event-stream" })
})

/** The broken stream ends with the scope of its handler, after "hello"; the fixed one after two ticks. */
export const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64)
    const publish = PubSub.publish(ticks, "data: tick\n\n").pipe(Effect.delay("20 millis"))
    yield* Effect.forkScoped(Effect.forever(publish))
    yield* router.add("GET", "/broken", Effect.scoped(subscribe(ticks)))
    yield* router.add("GET", "/fixed", subscribe(ticks))
  }),
)

export const server = HttpRouter.serve(routes, {
  disableLogger: true,
  disableListenLog: true,
}).pipe(Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))

export const address = Effect.map(HttpServer.HttpServer, (it) =>
  HttpServer.formatAddress(it.address),
)

/** What a client is sent, in one line. */
export const visit = async (url: string): Promise<string> =>
  (await (await fetch(url)).text()).replaceAll("\n\n", "|")

/** The route that the program is started with. */
export const path = `/${process.argv[2] ?? "broken"}`
