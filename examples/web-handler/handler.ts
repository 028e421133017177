import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"

const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64)
    const publish = PubSub.publish(ticks, "data: tick\n\n").pipe(Effect.delay("100 millis"))
    yield* Effect.forkScoped(Effect.forever(publish))

    const subscribe = Effect.fn("subscribe")(function* () {
      const subscription = yield* PubSub.subscribe(ticks)
      return HttpServerResponse.stream(
        Stream.concat(Stream.make("data: hello\n\n"), Stream.fromSubscription(subscription)).pipe(
          Stream.encodeText,
        ),
        { contentType: "text/event-stream" },
      )
    })
    yield* router.add("GET", "/healthy", subscribe())
    yield* router.add("GET", "/broken", Effect.scoped(subscribe()))
  }),
)

/** What a platform is given whose servers are made of `Request` and `Response`. */
export const { handler, dispose } = HttpRouter.toWebHandler(
  routes.pipe(
    Layer.provide(HttpServer.layerServices),
    Layer.provideMerge(layerTelemetryFromEnvironment({ serviceName: "web" })),
  ),
)
