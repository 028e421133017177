import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as A from "../../otel/attributes.ts"
import { exchangesOf, isServerSpan } from "../../otel/lifetimes/from-spans.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Attributes, Span } from "../../otel/lifetimes/span.ts"
import { traces } from "../../otel/lifetimes/trace.ts"
import { at } from "./exchange.ts"
import {
  broken,
  event,
  fixed,
  leaking,
  scopeSpan,
  server,
  span,
  spanId,
  streamSpan,
  subscriptionSpan,
  traceId,
} from "./spans.ts"

/** The exchanges of spans that are all of one trace. */
const exchangesIn = (spans: ReadonlyArray<Span>): ReadonlyArray<Exchange> =>
  [...traces(spans).values()].flatMap(exchangesOf)

const only = (spans: ReadonlyArray<Span>): Exchange => {
  const [exchange, ...others] = exchangesIn(spans)
  if (exchange === undefined || others.length > 0) throw new Error("not one exchange")
  return exchange
}

describe("an exchange read from spans", () => {
  it("has its interval, route, status, content type and end", () => {
    const { startedAt, endedAt, route, status, contentType, endedBy } = only(fixed)
    deepStrictEqual([startedAt, endedAt], [at(0), at(100)])
    deepStrictEqual(
      [route, status, contentType, endedBy],
      ["GET /event", 200, "text/event-stream", "client"],
    )
  })

  it("has its service, and when the handler returned and the head was sent", () => {
    const { service, handlerReturnedAt, headSentAt } = only(fixed)
    deepStrictEqual([service, handlerReturnedAt, headSentAt], ["test", at(1), at(1)])
  })

  it("has the handler that another tracer recorded, and whether that failed", () => {
    const call = span("subscribe", [0.2, 0.8], { below: "server" })
    const failed = { ...call, status: { code: "error", message: "no access" } as const }
    for (const [recorded, succeeded] of [[call, true] as const, [failed, false] as const]) {
      const { handler } = only([server([0, 1]), recorded])
      deepStrictEqual(handler, {
        kind: "handler",
        span: { traceId: traceId("trace"), spanId: spanId("subscribe") },
        name: "subscribe",
        startedAt: at(0.2),
        endedAt: at(0.8),
        succeeded,
      })
    }
  })

  it("has its scopes with parent, role, exit, finalizers and closing fiber", () => {
    const { scopes } = only(broken)
    deepStrictEqual(
      scopes.map(({ name, role, parent }) => [name, role, parent]),
      [
        ["request", "request", spanId("server")],
        ["handler", "handler", spanId("request")],
      ],
    )
    const [, handler] = scopes
    deepStrictEqual(
      [handler?.closedAt, handler?.exit, handler?.finalizers, handler?.closedByFiber],
      [at(0.9), "success", 2, 7],
    )
  })

  it("has its subscriptions with owner and releasing scope", () => {
    const [bus] = only(broken).subscriptions
    deepStrictEqual(bus?.owner, { name: "handler", spanId: spanId("handler"), inExchange: true })
    deepStrictEqual([bus?.releasedBy, bus?.delivered], [spanId("handler"), 4])
  })

  it("knows that a subscription is owned outside of it", () => {
    strictEqual(only(leaking).subscriptions[0]?.owner.inExchange, false)
  })

  it("has its streams with what they read and what ended them", () => {
    const [stream] = only(broken).streams
    deepStrictEqual(stream?.reads, [spanId("bus")])
    deepStrictEqual(
      [stream?.endedBy, stream?.endedBySubscription, stream?.exit, stream?.fiber],
      ["released", spanId("bus"), "success", 7],
    )
    strictEqual(stream?.events, 5)
  })

  it("has the error that ended a stream", () => {
    const failed = streamSpan([1, 2], "failure", {
      "exception.type": "RangeError",
      "exception.message": "too far",
    })
    deepStrictEqual(only([server([0, 3]), failed]).streams[0]?.failure, {
      type: "RangeError",
      message: "too far",
      defect: undefined,
    })
  })

  it("has its client, where that sent a span too", () => {
    const { client } = only(fixed)
    deepStrictEqual(
      [client?.firstByteAt, client?.firstEventAt, client?.endedBy, client?.events],
      [at(2), at(3), "client", 4],
    )
    strictEqual(only(fixed.slice(1)).client, undefined)
  })

  it("has no client where the span above it is of another kind", () => {
    const above = span("client", [-1, 101], { kind: "server" })
    strictEqual(only([above, ...fixed.slice(1)]).client, undefined)
  })

  it("reads a span that is marked as open as not ended", () => {
    const { endedAt, scopes, subscriptions, streams } = only([
      server([0]),
      scopeSpan("request", "request", [0.1], "server"),
      subscriptionSpan("request", [0.2]),
      streamSpan([1], ""),
    ])
    const ends = [scopes[0]?.endedAt, scopes[0]?.closedAt, subscriptions[0]?.endedAt]
    deepStrictEqual([endedAt, ...ends, streams[0]?.endedAt], Array(5).fill(undefined))
  })

  it("has its lifetimes in the order in which they began", () => {
    const names = only(broken.toReversed()).scopes.map(({ name }) => name)
    deepStrictEqual(names, ["request", "handler"])
  })

  it("has lifetimes that began before it or outlive it", () => {
    const { scopes } = only([server([0, 1]), scopeSpan("odd", "handler", [-5, 50], "server")])
    deepStrictEqual([scopes[0]?.startedAt, scopes[0]?.endedAt], [at(-5), at(50)])
  })
})

describe("a server span", () => {
  it("is known by its kind and its route or path, whatever its name", () => {
    const path = { [A.URL_PATH]: "/event" }
    strictEqual(isServerSpan(span("http.server GET", [0, 1], { kind: "server" })), false)
    strictEqual(isServerSpan(span("GET", [0, 1], { kind: "server", attributes: path })), true)
    strictEqual(isServerSpan(span("GET /event", [0, 1], { attributes: path })), false)
  })

  it("gives a call its own name, and a WebSocket that of one", () => {
    const routeOf = (attributes: Attributes) =>
      only([span("call", [0, 1], { kind: "server", attributes })]).route
    strictEqual(routeOf({ "rpc.method": "ticks" }), "RPC ticks")
    const method = "@effect/mcp/2025-06-18/tools/call"
    strictEqual(routeOf({ "rpc.method": method, tool: "GetTime" }), "MCP GetTime")
    strictEqual(routeOf({ "rpc.method": method }), "MCP tools/call")
    const upgraded = { [A.HTTP_METHOD]: "GET", [A.HTTP_ROUTE]: "/chat" }
    strictEqual(routeOf({ ...upgraded, [A.EXCHANGE_NAME]: "WebSocket /chat" }), "WebSocket /chat")
  })

  it("gives the route by its path where it has no template", () => {
    const attributes = { [A.URL_PATH]: "/event", [A.HTTP_METHOD]: "HEAD" }
    strictEqual(only([span("x", [0, 1], { kind: "server", attributes })]).route, "HEAD /event")
  })
})

describe("a lifetime in a trace with several server spans", () => {
  const gateway = { ...server([-5, 120], {}, "gateway"), parentSpanId: undefined }

  it("belongs to the nearest one above it", () => {
    const below = { ...server([0, 100]), parentSpanId: gateway.spanId }
    const [outer, inner] = exchangesIn([gateway, below, ...fixed.slice(2)])
    deepStrictEqual(
      [outer?.scopes.length, outer?.subscriptions.length, outer?.streams.length],
      [0, 0, 0],
    )
    deepStrictEqual(
      [inner?.scopes.length, inner?.subscriptions.length, inner?.streams.length],
      [2, 1, 1],
    )
  })

  it("belongs to none where the spans between are missing", () => {
    const other = { ...server([0, 100], {}, "other"), parentSpanId: undefined }
    const stream = streamSpan([1, 98], "client", {}, "missing")
    deepStrictEqual(
      exchangesIn([gateway, other, stream]).map(({ streams }) => streams.length),
      [0, 0],
    )
  })

  it("belongs to the only one where the spans between are missing", () => {
    const stream = streamSpan([1, 98], "client", {}, "missing")
    strictEqual(only([gateway, stream]).streams.length, 1)
  })

  it("does not belong to the only one where that is another service's", () => {
    const elsewhere = { ...gateway, resource: { [A.SERVICE_NAME]: "gateway" } }
    const stream = streamSpan([1, 98], "client", {}, "missing")
    strictEqual(only([elsewhere, stream]).streams.length, 0)
  })
})

describe("spans whose parents go in circles", () => {
  it("belong to no exchange, and are read all the same", () => {
    const one = scopeSpan("one", "handler", [0, 1], "other")
    const other = scopeSpan("other", "handler", [0, 1], "one")
    const [first, second] = exchangesIn([server([0, 1]), server([0, 1], {}, "second"), one, other])
    deepStrictEqual([first?.scopes, second?.scopes], [[], []])
  })

  it("may be their own parents", () => {
    const self = { ...server([0, 1]), parentSpanId: spanId("server") }
    strictEqual(only([self, scopeSpan("own", "handler", [0, 1], "own")]).client, undefined)
  })
})

describe("attributes of other types than the contract has", () => {
  const odd = { list: [1, 2], no: false } as const

  it("are read as if they were not there", () => {
    const exchange = only([
      server([0, 3], {
        [A.HTTP_STATUS]: "many",
        [A.HTTP_METHOD]: 7,
        [A.HTTP_CONTENT_TYPE]: false,
        [A.EXCHANGE_ENDED_BY]: "the moon",
      }),
    ])
    deepStrictEqual(
      [exchange.route, exchange.status, exchange.contentType, exchange.endedBy],
      ["/event", undefined, undefined, undefined],
    )
  })

  it("leave the rest of a lifetime as it is", () => {
    const attributes = {
      [A.LIFETIME_KIND]: "stream",
      "effect.stream.name": odd,
      [A.FIBER_ID]: odd,
      "effect.stream.events": "NaN",
      "effect.stream.reads": [7, spanId("bus"), odd],
      [A.STREAM_ENDED_BY]: ["client"],
    }
    const ended = span("stream event", [1, 2], { below: "server", attributes })
    const [run] = only([server([0, 3]), ended]).streams
    deepStrictEqual(
      [run?.name, run?.fiber, run?.events, run?.reads, run?.endedBy],
      ["stream event", undefined, 0, [spanId("bus")], undefined],
    )
  })

  it("may be numbers and flags in text, and span ids in capitals", () => {
    const bus = subscriptionSpan("handler", [0.2, 1], {
      below: "server",
      attributes: {
        "effect.subscription.delivered": "12",
        "effect.subscription.finished": "true",
        [A.SCOPE_SPAN_ID]: "ABCDEF0123456789",
      },
    })
    const [subscription] = only([server([0, 3]), bus]).subscriptions
    deepStrictEqual(
      [subscription?.delivered, subscription?.finished, subscription?.owner.spanId],
      [12, true, "abcdef0123456789"],
    )
  })

  it("do not make a lifetime of a span of an unknown kind", () => {
    const attributes = { [A.LIFETIME_KIND]: "daemon" }
    const { scopes, subscriptions, streams } = only([
      server([0, 3]),
      span("daemon", [1, 2], { below: "server", attributes }),
    ])
    deepStrictEqual([scopes, subscriptions, streams], [[], [], []])
  })

  it("leave a scope of an unknown role a handler's", () => {
    const { scopes } = only([server([0, 3]), scopeSpan("odd", "emperor", [1, 2], "server")])
    strictEqual(scopes[0]?.role, "handler")
  })
})

describe("spans of several traces", () => {
  it("are sorted into them, each span once", () => {
    const other = { ...server([0, 1]), traceId: traceId("other") }
    const found = traces([...fixed, other, ...fixed])
    deepStrictEqual(
      [...found].map(([id, trace]) => [id, trace.size]),
      [
        [traceId("trace"), fixed.length],
        [traceId("other"), 1],
      ],
    )
  })

  it("keep the first of a span that came twice and differs", () => {
    strictEqual(only([server([0, 3]), server([0, 9])]).endedAt, at(3))
  })

  it("keep of a server span that two have sent the one that tells of the exchange", () => {
    const ours = server([0, 3], { [A.EXCHANGE_ENDED_BY]: "client" })
    const { [A.EXCHANGE_ENDED_BY]: _, ...attributes } = ours.attributes
    const stock = { ...ours, attributes }
    for (const both of [
      [stock, ours],
      [ours, stock],
    ]) {
      strictEqual(only(both).endedBy, "client")
    }
  })

  it("take the first event of a name", () => {
    const twice = {
      ...server([0, 3]),
      events: [event("exchange.head_sent", 1), event("exchange.head_sent", 2)],
    }
    strictEqual(only([twice]).headSentAt, at(1))
  })
})
