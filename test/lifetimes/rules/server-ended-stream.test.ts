import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, StreamRun, Subscription } from "../../../otel/lifetimes/model.ts"
import { serverEndedStream } from "../../../otel/lifetimes/rules/server-ended-stream.ts"
import { exchange, held, scope, stream, subscription } from "../exchange.ts"

const request = scope("request", [0, 30])

/** The server ended the stream at 25 ms; what it read was released at 30 ms. */
const ended = (
  streamFields: Partial<StreamRun>,
  more: Partial<Exchange> = {},
  subscriptionFields: Partial<Subscription> = {},
): Exchange =>
  exchange([0, 30], {
    failed: true,
    scopes: [request],
    subscriptions: [subscription(request, [0.5, 30], subscriptionFields)],
    streams: [stream([1, 25], streamFields)],
    ...more,
  })

const failed: Partial<StreamRun> = {
  endedBy: "failure",
  exit: "failure",
  failure: { type: "RangeError", message: "too far", defect: undefined },
  events: 3,
}

const confidences = (judged: Exchange) =>
  held(serverEndedStream, judged).map(({ confidence }) => confidence)

describe("server-ended-stream", () => {
  it("is certain where the stream failed", () => {
    deepStrictEqual(confidences(ended(failed)), ["certain"])
  })

  it("says nothing of a stream that ended well, although what it read was still open", () => {
    deepStrictEqual(confidences(ended({ endedBy: "upstream" }, { failed: undefined })), [])
  })

  it("says nothing of a failure that the body survived", () => {
    deepStrictEqual(confidences(ended(failed, { failed: undefined })), [])
  })

  it("names the stream, the route, the error and the time in one sentence", () => {
    strictEqual(
      held(serverEndedStream, ended(failed))[0]?.message,
      'Stream "event" of GET /event failed with "too far" at 25.0 ms: the server ended it, with no ' +
        "disconnect and no shutdown before.",
    )
  })

  it("has the end and the error as evidence", () => {
    deepStrictEqual(held(serverEndedStream, ended(failed))[0]?.evidence, {
      stream: "event",
      "stream.ended_ms": 25,
      "stream.exit": "failure",
      "stream.events": 3,
      "exception.type": "RangeError",
      "exception.message": "too far",
    })
  })

  it("knows an event stream by its content type, with parameters and in any case", () => {
    const contentType = "Text/Event-Stream; charset=utf-8"
    deepStrictEqual(confidences(ended(failed, { contentType })), ["certain"])
  })

  it.each(["application/json", undefined])(
    "says nothing of another response, as %s",
    (contentType) => {
      deepStrictEqual(confidences(ended(failed, { contentType })), [])
    },
  )

  it.each(["client", "shutdown"] as const)(
    "says nothing where the exchange was ended by %s",
    (endedBy) => {
      deepStrictEqual(confidences(ended(failed, { endedBy })), [])
    },
  )

  it.each<[string, Partial<StreamRun>]>([
    ["the client", { endedBy: "client" }],
    ["shutdown", { endedBy: "shutdown" }],
    ["a release, which another rule explains", { endedBy: "released" }],
  ])("says nothing of a stream that was ended by %s", (_, stream) => {
    deepStrictEqual(confidences(ended(stream)), [])
  })

  it.each<[string, Partial<Exchange>, Partial<Subscription>]>([
    ["had ended or was shut down", {}, { finished: true }],
    ["had been released before", {}, { endedAt: request.startedAt }],
    ["is not known", { subscriptions: [] }, {}],
  ])("says nothing of a stream whose upstream %s", (_, more, subscription) => {
    deepStrictEqual(confidences(ended({ endedBy: "upstream" }, more, subscription)), [])
  })

  it("says nothing of a finite stream that read nothing", () => {
    deepStrictEqual(confidences(ended({ endedBy: "upstream", reads: [] })), [])
  })

  it("says nothing of a stream that runs", () => {
    const judged = exchange([0], { endedBy: undefined, streams: [stream([1])] })
    deepStrictEqual(confidences(judged), [])
  })
})
