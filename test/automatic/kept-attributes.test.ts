import { createServer, get } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, PubSub, Schedule, Scope, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerTelemetry } from "../../otel/index.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { receiver } from "../collector/post.ts"
import { eventually } from "../support/eventually.ts"

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

/**
 * One exchange is ended by the server, one by its client, one by its failure; about another something is found when its
 * connection has long been closed. Something is found about each.
 */
const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64)
    const application = yield* Effect.scope
    const subscribe = PubSub.subscribe(ticks)
    yield* PubSub.publish(ticks, "data: tick\n\n").pipe(
      Effect.repeat(Schedule.spaced("20 millis")),
      Effect.forkScoped,
    )
    yield* router.add("GET", "/closed/:id", Effect.scoped(Effect.map(subscribe, events)))
    yield* router.add("GET", "/left/:id", Effect.map(Scope.provide(subscribe, application), events))
    yield* router.add(
      "GET",
      "/kept/:id",
      Effect.as(Scope.provide(subscribe, application), HttpServerResponse.text("done")),
    )
    yield* router.add("GET", "/failed/:id", HttpServerResponse.stream(failing, sse))
  }),
)

const paths = ["/closed/1?token=secret", "/left/2?q=a", "/failed/3", "/kept/4"]

/** Each has a connection of its own, which is closed afterwards. */
const visit = (address: string) =>
  new Promise<void>((resolve) => {
    const headers = { "x-request-id": "7", authorization: "secret" }
    const request = get(address, { headers, agent: false }, (response) => {
      response.on("data", () => {
        if (address.includes("left")) request.destroy()
      })
    })
    request.on("error", () => {}) // a body that fails breaks off the connection
    request.on("close", resolve)
  })

const ofHttp = /^(?:http|url|user_agent|client|server)\./

/** What the server spans say of HTTP, by their routes, where so much of what is healthy is kept. */
const attributesWith = (ratio: number) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const store = yield* TraceStore
    const spans = Effect.map(Effect.flatMap(store.traces, Effect.forEach(store.trace)), (traces) =>
      traces.flat(),
    )
    const telemetry = layerTelemetry(
      { ...isolatedSettings(url, "ticks"), sampler: { name: "scopeline_keep", ratio } },
      { grace: "100 millis" },
    )
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
        const found = Effect.map(spans, (all) => all.filter(({ name }) => /^finding/.test(name)))
        yield* eventually(found, ({ length }) => length >= paths.length)
        return new URL(address).port
      }),
    )
    const own = (yield* spans).filter(({ name }) => name === "GET")
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
