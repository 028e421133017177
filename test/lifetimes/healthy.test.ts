import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { afterwards, at, exchange, live, scope, stream, subscription } from "./exchange.ts"

const request = scope("request", [0, 900])
const connection = scope("connection", [0.2, 899], { role: "connection" })
const handler = scope("handler", [0.2, 0.9])
const application = scope("application", [-100], { role: "application" })
const outside = { name: "application", spanId: "application", inExchange: false }

const fixed = (more: Partial<Exchange>): Exchange =>
  exchange([0, 900], {
    handlerReturnedAt: at(1),
    headSentAt: at(1),
    scopes: [request, connection],
    subscriptions: [subscription(connection, [0.5, 899])],
    ...more,
  })

const healthy: ReadonlyArray<[string, Exchange]> = [
  [
    "whose client left",
    fixed({
      endedBy: "client",
      streams: [stream([1, 898], { endedBy: "client", exit: "interrupt" })],
    }),
  ],
  [
    "whose client left while the stream's fibers were being interrupted",
    fixed({
      endedBy: "client",
      streams: [stream([1, 899.5], { endedBy: "client", exit: "interrupt" })],
    }),
  ],
  [
    "that ended because the server stopped and ended its bus",
    fixed({
      endedBy: "shutdown",
      subscriptions: [subscription(connection, [0.5, 899], { finished: true })],
      streams: [stream([1, 898], { endedBy: "shutdown" })],
    }),
  ],
  [
    "that was cut off because the server stopped",
    fixed({
      endedBy: "shutdown",
      streams: [stream([1, 898], { endedBy: "shutdown", exit: "interrupt" })],
    }),
  ],
  [
    "of a finite stream",
    fixed({
      scopes: [request],
      subscriptions: [],
      streams: [stream([1, 890], { endedBy: "upstream", reads: [], events: 3 })],
    }),
  ],
  [
    "of a finite stream whose client then closed the connection",
    fixed({
      endedBy: "client",
      streams: [stream([1, 890], { endedBy: "upstream", events: 3 })],
    }),
  ],
  [
    "whose nested scope closed before the response, and nothing read from it any more",
    fixed({
      endedBy: "client",
      scopes: [request, connection, handler],
      subscriptions: [subscription(handler, [0.3, 0.9])],
      streams: [stream([1, 898], { endedBy: "client", exit: "interrupt", reads: [] })],
    }),
  ],
  [
    "whose nested scope was read to the end before it closed",
    fixed({
      endedBy: "server",
      scopes: [request, handler],
      subscriptions: [subscription(handler, [0.3, 0.9], { finished: true })],
      streams: [stream([0.4, 0.8], { endedBy: "upstream" })],
    }),
  ],
  [
    "whose subscription was released by the stream's own run",
    fixed({
      endedBy: "client",
      scopes: [request],
      subscriptions: [
        subscription(scope("its own", [1, 897]), [1, 897], {
          owner: { name: "an untraced scope", spanId: undefined, inExchange: false },
          releasedBy: undefined,
        }),
      ],
      streams: [stream([1, 898], { endedBy: "client", exit: "interrupt" })],
    }),
  ],
  [
    "whose subscription belongs to the application, and is still read by something untraced",
    fixed({
      endedBy: "client",
      subscriptions: [
        subscription(application, [0.5], { owner: outside, untracedReadAt: at(9_000) }),
      ],
      streams: [stream([1, 898], { endedBy: "client", exit: "interrupt" })],
    }),
  ],
  [
    "whose upstream was shut down",
    fixed({
      subscriptions: [
        subscription(connection, [0.5, 500], { finished: true, releasedBy: undefined }),
      ],
      streams: [stream([1, 501], { endedBy: "upstream" })],
    }),
  ],
  [
    "whose upstream had ended",
    fixed({
      subscriptions: [subscription(connection, [0.5, 899], { finished: true })],
      streams: [stream([1, 501], { endedBy: "upstream" })],
    }),
  ],
  ["to a HEAD request, whose body never ran", fixed({ route: "HEAD /event", streams: [] })],
  ["whose client left before the body ran", fixed({ endedBy: "client", streams: [] })],
  [
    "that answered with JSON and failed",
    fixed({ contentType: "application/json", status: 500, subscriptions: [], scopes: [request] }),
  ],
  [
    "that is open",
    exchange([0], {
      endedBy: undefined,
      scopes: [scope("request", [0])],
      subscriptions: [subscription(scope("request", [0]), [0.5])],
      streams: [stream([1], { exit: undefined, events: 7 })],
    }),
  ],
]

describe("an exchange", () => {
  it.each(healthy)("%s is healthy", (_, judged) => {
    deepStrictEqual(judge(judged, afterwards).matches, [])
  })

  it.each(healthy)("%s is healthy at every moment while the program runs", (_, judged) => {
    for (const millis of [0, 1, 899, 900, 950, 1_950, 60_000]) {
      deepStrictEqual(judge(judged, live(millis)).matches, [])
    }
  })
})
