import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { tracedStream } from "../../otel/index.ts"
import type { ProbeResult } from "../../src/probe/probe.ts"
import { eventServer, openLifetimes, publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { collecting, probing } from "./probing.ts"

const rulesOf = ({ findings }: ProbeResult) =>
  findings.map(({ rule, confidence, count }) => `${rule} ${confidence} ${count}`)

const originOf = (url: string) => new URL(url).origin

/** A server of a stream that ends by itself, as it should. */
const finiteServer = Layer.unwrap(
  Effect.sync(() => {
    const body = Stream.make(new TextEncoder().encode("data: 1\n\n")).pipe(tracedStream("finite"))
    const route = HttpRouter.add(
      "GET",
      "/event",
      HttpServerResponse.stream(body, { contentType: "text/event-stream" }),
    )
    return HttpRouter.serve(route, {
      disableLogger: true,
      disableListenLog: true,
    }).pipe(Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))
  }),
)

describe.concurrent("a probe that collects the server's spans", () => {
  it.live(
    "says of the broken stream why it ended, and nothing else",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const result = yield* probe(probing(yield* server("broken"), { connections: 3 }))
        expect(rulesOf(result)).toEqual(["scope-closed-early certain 3"])
        expect(result.findings[0]?.examples.map(({ traceId }) => traceId).sort()).toEqual(
          result.visit.connections.map(({ traceId }) => traceId).sort(),
        )
        expect(result.notes).toEqual([])
      }),
    30_000,
  )

  it.live(
    "has client and server spans in one trace",
    () =>
      Effect.gen(function* () {
        const { server, probe, store } = yield* collecting
        const result = yield* probe(probing(yield* server("fixed")))
        const [connection] = result.visit.connections
        const spans = yield* store.trace(connection?.traceId ?? "")
        const client = spans.find(({ kind }) => kind === "client")
        expect(client).toMatchObject({ spanId: connection?.spanId, name: "client GET /event" })
        expect(spans.find(({ kind }) => kind === "server")?.parentSpanId).toBe(client?.spanId)
      }),
    30_000,
  )

  it.live(
    "says of the actual bug that its body lost its context",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const result = yield* probe(probing(yield* server("actual"), { hold: 10_000 }))
        expect(rulesOf(result)).toEqual(["context-lost certain 1"])
        expect(result.visit.connections[0]?.seen.endedBy).toBe("error")
      }),
    30_000,
  )

  it.live(
    "finds nothing on the fixed stream",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const result = yield* probe(probing(yield* server("fixed"), { connections: 5, hold: 300 }))
        expect(result).toMatchObject({ findings: [], notes: [], asExpected: true })
      }),
    30_000,
  )

  it.live(
    "is certain of a subscription that survives its client and the next event",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const url = yield* server("literal")
        const address = originOf(url)
        const publishLater = eventually(
          openLifetimes(address),
          ({ exchanges, subscriptions }) => exchanges.length === 0 && subscriptions.length === 2,
        ).pipe(Effect.andThen(publish(address, { type: "late", properties: {} })))
        const [result] = yield* Effect.all(
          [probe(probing(url, { connections: 2 })), publishLater],
          {
            concurrency: "unbounded",
          },
        )
        expect(rulesOf(result)).toEqual(["subscription-leak certain 2"])
      }),
    30_000,
  )

  it.live(
    "suspects a subscription that was never released, where nothing is published any more",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const result = yield* probe(probing(yield* server("literal")), 3000)
        expect(rulesOf(result)).toEqual(["subscription-leak likely 1"])
        expect(result.findings[0]?.operation).toBe("stream event")
      }),
    30_000,
  )

  it.live(
    "leaves a stream in peace that came to an end of its own",
    () =>
      Effect.gen(function* () {
        const { probe, telemetry } = yield* collecting
        const context = yield* Layer.build(finiteServer.pipe(Layer.provide(telemetry)))
        const address = HttpServer.formatAddress(
          Context.get(context, HttpServer.HttpServer).address,
        )
        const result = yield* probe(probing(`${address}/event`))
        expect(result.visit.connections[0]?.seen.endedBy).toBe("server")
        expect(result).toMatchObject({ findings: [], asExpected: true })
        expect(result.notes).toEqual([
          expect.stringContaining("1 stream read everything there was, and ended"),
        ])
      }),
    30_000,
  )

  it.live(
    "knows a server that was shut down under its clients from one that ended their streams",
    () =>
      Effect.gen(function* () {
        const { server, probe } = yield* collecting
        const serverScope = yield* Scope.make()
        const url = yield* server("fixed").pipe(Scope.provide(serverScope))
        const shutDown = eventually(
          openLifetimes(originOf(url)),
          ({ streams }) => streams.length === 2,
        ).pipe(Effect.andThen(Scope.close(serverScope, Exit.void)))
        const options = probing(url, { connections: 2, hold: 20_000 })
        const [result] = yield* Effect.all([probe(options), shutDown], { concurrency: "unbounded" })
        expect(result.visit.connections.map(({ seen }) => seen.endedBy)).toEqual([
          "shutdown",
          "shutdown",
        ])
        expect(result).toMatchObject({ findings: [], notes: [], asExpected: true })
      }),
    30_000,
  )

  it.live(
    "says that it could not judge a server that sends no spans, and finds nothing",
    () =>
      Effect.gen(function* () {
        const { probe } = yield* collecting
        const address = yield* eventServer()
        const result = yield* probe(probing(`${address}/event`), 200)
        expect(result).toMatchObject({ findings: [], asExpected: true })
        expect(result.notes).toEqual([
          "This server sends no server spans, or none arrived within 200 ms: what it did after " +
            "the client left was not judged.",
        ])
      }),
    30_000,
  )

  it.live(
    "still reports what its clients saw of a server that sends no spans",
    () =>
      Effect.gen(function* () {
        const { probe } = yield* collecting
        const address = yield* eventServer({ variant: "broken" })
        const result = yield* probe(probing(`${address}/event`), 200)
        expect(rulesOf(result)).toEqual(["server-ended-stream likely 1"])
      }),
    30_000,
  )
})
