import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, PubSub, Scope, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerTelemetry } from "../../otel/index.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { receiver } from "../collector/post.ts"

const sse = { contentType: "text/event-stream" }

const events = (subscription: PubSub.Subscription<string>) =>
  HttpServerResponse.stream(
    Stream.make("data: connected\n\n").pipe(
      Stream.concat(Stream.fromSubscription(subscription)),
      Stream.encodeText,
    ),
    sse,
  )

const failing = Stream.make("data: connected\n\n").pipe(
  Stream.concat(Stream.fail(new Error("no more"))),
  Stream.encodeText,
)

/** One exchange is ended by the server, one by its client, one by its failure; something is found about each. */
const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64)
    const application = yield* Effect.scope
    const subscribe = PubSub.subscribe(ticks)
    yield* router.add("GET", "/closed/:id", Effect.scoped(Effect.map(subscribe, events)))
    yield* router.add("GET", "/left/:id", Effect.map(Scope.provide(subscribe, application), events))
    yield* router.add("GET", "/failed/:id", HttpServerResponse.stream(failing, sse))
  }),
)

const paths = ["/closed/1?token=secret", "/left/2?q=a", "/failed/3"]

const visit = async (address: string) => {
  const headers = { "x-request-id": "7", authorization: "secret" }
  try {
    const response = await fetch(address, { headers })
    for await (const _ of response.body ?? []) if (address.includes("left")) break
  } catch {} // a body that fails breaks off the connection
}

const ofHttp = /^(?:http|url|user_agent|client|server)\./

/** What the server spans say of HTTP, by their routes, where so much of what is healthy is kept. */
const attributesWith = (ratio: number) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const telemetry = layerTelemetry({
      ...isolatedSettings(url, "ticks"),
      sampler: { name: "scopeline_keep", ratio },
    })
    const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    )
    const port = yield* Effect.scoped(
      Effect.gen(function* () {
        const context = yield* Effect.orDie(buildAlone(Layer.provide(server, telemetry)))
        const address = HttpServer.formatAddress(
          Context.get(context, HttpServer.HttpServer).address,
        )
        yield* Effect.forEach(paths, (path) => Effect.promise(() => visit(address + path)))
        return new URL(address).port
      }),
    )
    const store = yield* TraceStore
    const spans = (yield* Effect.forEach(yield* store.traces, store.trace)).flat()
    const own = spans.filter(({ name }) => name === "GET")
    return own.map(({ attributes }) =>
      Object.entries(attributes)
        .filter(([name]) => ofHttp.test(name))
        .map(([name, value]) => `${name}: ${String(value).replaceAll(port, "PORT")}`),
    )
  }).pipe(Effect.provide(Layer.fresh(receiver)), Effect.scoped)

describe("a trace that is kept for a finding", () => {
  it.live("says the same of HTTP as one that would have been kept anyway", () =>
    Effect.gen(function* () {
      const kept = yield* attributesWith(0)
      expect(kept).toHaveLength(paths.length)
      expect(kept).toEqual(yield* attributesWith(1))
    }),
  )
})
