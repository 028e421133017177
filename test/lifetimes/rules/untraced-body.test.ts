import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, Handler } from "../../../otel/lifetimes/model.ts"
import { contextLost } from "../../../otel/lifetimes/rules/context-lost.ts"
import { serverEndedStream } from "../../../otel/lifetimes/rules/server-ended-stream.ts"
import { at, exchange, held, stream } from "../exchange.ts"

const handler = (more: Partial<Handler> = {}): Handler => ({
  kind: "handler",
  span: { traceId: "trace", spanId: "handler" },
  name: "EventHttpApi.subscribe",
  startedAt: at(0.5),
  endedAt: at(1.5),
  succeeded: true,
  ...more,
})

/** An exchange whose server span carries the error of a body that nobody traced. */
const failed = (message: string, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 4], {
    failure: { type: "Error", message, defect: undefined },
    handler: handler(),
    ...more,
  })

const lost = "No context found for instance"

const confidences = (judged: Exchange) =>
  held(contextLost, judged).map(({ confidence }) => confidence)

describe("context-lost, of a body that nobody traced", () => {
  it("is certain where the handler's span had ended well", () => {
    deepStrictEqual(confidences(failed(lost)), ["certain"])
  })

  it("is likely where the handler left no span", () => {
    deepStrictEqual(confidences(failed(lost, { handler: undefined })), ["likely"])
  })

  it("names the route, the error, the handler and the times in one sentence", () => {
    strictEqual(
      held(contextLost, failed(lost))[0]?.message,
      'The body of GET /event failed at 4.00 ms with "No context found for instance" after its handler ' +
        '"EventHttpApi.subscribe" had ended well at 1.50 ms with status 200: what runs the body has no ' +
        '"instance".',
    )
  })

  it("is about the handler, then the exchange", () => {
    const [found] = held(contextLost, failed(lost))
    deepStrictEqual(
      [found?.operation, found?.spanIds],
      ["EventHttpApi.subscribe", ["handler", "GET /event"]],
    )
  })

  it.each<[string, Partial<Exchange>]>([
    ["the handler itself failed", { handler: handler({ succeeded: false }) }],
    ["the answer was an error", { status: 500 }],
    ["the status is not known", { status: undefined }],
    ["the body was traced", { streams: [stream([2, 3])] }],
    ["the exchange is open", { endedAt: undefined }],
  ])("says nothing where %s", (_, more) => {
    deepStrictEqual(confidences(failed(lost, more)), [])
  })

  it("says nothing of another error", () => {
    deepStrictEqual(confidences(failed("no space left")), [])
  })
})

describe("server-ended-stream, of a body that nobody traced", () => {
  it("is certain where the server span carries the error", () => {
    const [found] = held(serverEndedStream, failed("no space left"))
    strictEqual(found?.confidence, "certain")
    strictEqual(
      found?.message,
      'The event stream of GET /event failed with "no space left" at 4.00 ms: the server ended it.',
    )
  })

  it("says nothing of another response", () => {
    const judged = failed("no space left", { contentType: undefined })
    deepStrictEqual(held(serverEndedStream, judged), [])
  })

  it("says nothing where no error is known", () => {
    deepStrictEqual(held(serverEndedStream, exchange([0, 4])), [])
  })
})
