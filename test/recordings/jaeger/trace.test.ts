import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { fetchServices, fetchTrace } from "../../../src/recordings/jaeger/client.ts"
import { jaegerStandIn, listening } from "../../support/jaeger-stand-in.ts"
import { answering, fixture, fixtureTrace, send, sentTrace, spanOf } from "./answers.ts"

describe("a trace read from Jaeger", () => {
  it.live("is the one in an answer recorded from Jaeger, with its kind and status", () =>
    Effect.gen(function* () {
      const address = yield* listening(answering(200, "application/json", fixture("GetTrace.json")))
      const { spans } = yield* fetchTrace(address, fixtureTrace)
      expect(spans).toHaveLength(1)
      expect(spans[0]).toMatchObject({
        traceId: fixtureTrace,
        spanId: "0000000000000002",
        name: "foobar",
        kind: "server",
        status: { code: "error" },
      })
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("is asked for under the API's path, with the times that were sent", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const address = yield* listening((request, response) => {
        asked.push(request.url, request.headers.traceparent?.toString())
        answering(200, "application/json", fixture("GetTrace.json"))(request, response)
      })
      yield* fetchTrace(`${address}/`, fixtureTrace).pipe(Effect.withSpan("caller"))
      expect(asked).toEqual([`/api/v3/traces/${fixtureTrace}?rawTraces=true`, undefined])
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("holds what was sent to it as OTLP", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(jaeger.address, fixture("otlp2jaeger-in.json"))
      const {
        spans: [span],
      } = yield* fetchTrace(jaeger.address, sentTrace)
      expect(span).toMatchObject({
        traceId: sentTrace,
        spanId: "e127af99e3b3e074",
        parentSpanId: "909541b92cf05311",
        name: "okey-dokey-0",
        kind: "server",
        startedAt: 1706678909209712,
        endedAt: 1706678909209835,
        attributes: { "net.peer.ip": "1.2.3.4" },
        resource: { "service.name": "telemetrygen" },
      })
      expect(yield* fetchServices(jaeger.address)).toEqual(["telemetrygen"])
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("keeps integers that Jaeger writes as strings", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      yield* send(jaeger.address, spanOf(sentTrace, "00000000000000aa"))
      const {
        spans: [span],
      } = yield* fetchTrace(jaeger.address, sentTrace)
      expect(span?.attributes).toEqual({ "http.response.status_code": 200 })
      expect(span?.kind).toBe("client")
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("is not ready where Jaeger does not have it, in one line with the address", () =>
    Effect.gen(function* () {
      const jaeger = yield* jaegerStandIn
      const error = yield* Effect.flip(fetchTrace(jaeger.address, sentTrace))
      expect(error._tag).toBe("TraceNotReady")
      expect(error.message).toBe(`Jaeger at ${jaeger.address} does not have trace ${sentTrace}`)
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
})

describe("the services that Jaeger knows", () => {
  it.live("are those of an answer recorded from Jaeger", () =>
    Effect.gen(function* () {
      const address = yield* listening(
        answering(200, "application/json", fixture("GetServices.json")),
      )
      expect(yield* fetchServices(address)).toEqual(["foo"])
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )

  it.live("are none where Jaeger leaves the empty list out", () =>
    Effect.gen(function* () {
      const address = yield* listening(answering(200, "application/json", "{}"))
      expect(yield* fetchServices(address)).toEqual([])
    }).pipe(Effect.provide(FetchHttpClient.layer)),
  )
})
