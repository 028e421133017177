import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange } from "../../../otel/lifetimes/model.ts"
import { contextLost } from "../../../otel/lifetimes/rules/context-lost.ts"
import { at, exchange, held, scope, stream } from "../exchange.ts"

const failing = (message: string, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 4], {
    handlerReturnedAt: at(1),
    failed: true,
    scopes: [scope("request", [0, 4])],
    streams: [
      stream([1.5, 3.25], {
        reads: [],
        exit: "failure",
        endedBy: "failure",
        failure: { type: "Error", message, defect: true },
        events: 1,
      }),
    ],
    ...more,
  })

const lost = failing("Service not found: instance")

describe("context-lost", () => {
  it("is certain where a service is missing after the handler had returned", () => {
    deepStrictEqual(
      held(contextLost, lost).map(({ confidence }) => confidence),
      ["certain"],
    )
  })

  it("names the stream, the error, the service and the times in one sentence", () => {
    strictEqual(
      held(contextLost, lost)[0]?.message,
      'Stream "event" failed at 3.25 ms with "Service not found: instance": the handler had returned ' +
        'its response at 1.00 ms, and what runs the body has no "instance".',
    )
  })

  it("has the error and the times as evidence", () => {
    deepStrictEqual(held(contextLost, lost)[0]?.evidence, {
      "exception.type": "Error",
      "exception.message": "Service not found: instance",
      missing: "instance",
      "handler.returned_ms": 1,
      "stream.started_ms": 1.5,
      "stream.ended_ms": 3.25,
      "stream.events": 1,
    })
  })

  it("advises the handler of a call to give a stream, and no response", () => {
    const streams = lost.streams.map((one) => ({ ...one, firstEventAt: at(2) }))
    const hits = ["GET /event", "RPC ticks"].flatMap((route) =>
      held(contextLost, { ...lost, route, streams }),
    )
    deepStrictEqual(
      hits.map(({ suggestion }) => suggestion?.includes("Stream.unwrap")),
      [undefined, true],
    )
  })

  it("is about the stream", () => {
    const [found] = held(contextLost, lost)
    deepStrictEqual([found?.operation, found?.spanIds], ["stream event", ["event"]])
  })

  it("is likely where nobody recorded whether it was a defect", () => {
    const [stream] = lost.streams
    if (stream === undefined) throw new Error("the stream is missing")
    const failure = { type: "Error", message: "Service not found: instance", defect: undefined }
    const judged = { ...lost, streams: [{ ...stream, failure }] }
    deepStrictEqual(
      held(contextLost, judged).map(({ confidence }) => confidence),
      ["likely"],
    )
  })

  it("says nothing of a typed error that only reads like it", () => {
    const [stream] = lost.streams
    if (stream === undefined) throw new Error("the stream is missing")
    const failure = { type: "Error", message: "Service not found: billing", defect: false }
    deepStrictEqual(held(contextLost, { ...lost, streams: [{ ...stream, failure }] }), [])
  })

  it("says nothing of a failure that the body survived", () => {
    deepStrictEqual(
      held(contextLost, failing("Service not found: instance", { failed: undefined })),
      [],
    )
  })

  it("says nothing where the stream failed before the handler had returned", () => {
    const judged = failing("Service not found: instance", { handlerReturnedAt: at(3.5) })
    deepStrictEqual(held(contextLost, judged), [])
  })

  it("says nothing where it is not known when the handler returned", () => {
    const judged = failing("Service not found: instance", { handlerReturnedAt: undefined })
    deepStrictEqual(held(contextLost, judged), [])
  })

  it("says nothing of a stream that has not ended", () => {
    const judged = exchange([0], { handlerReturnedAt: at(1), streams: [stream([1.5])] })
    deepStrictEqual(held(contextLost, judged), [])
  })

  it.each([
    "ENOENT: no such file",
    "The client is too slow: it missed 7 events.",
    "User not found: 7",
    "HTTP 404: Service not found",
  ])("says nothing of another failure: %s", (message) => {
    deepStrictEqual(held(contextLost, failing(message)), [])
  })

  it.each([
    ["Service not found: instance", "instance"],
    ["Service not found: app/Database (defined at /srv/app.ts:3:9)", "app/Database"],
    ["No context found for instance", "instance"],
    ["Error: the body failed\nService not found: Clock", "Clock"],
  ])("reads which service is missing from: %s", (message, service) => {
    strictEqual(held(contextLost, failing(message))[0]?.evidence.missing, service)
  })
})

describe("context-lost of a Reference", () => {
  const read = exchange([0, 900], {
    endedBy: "client",
    handlerReturnedAt: at(1),
    defaultRead: { at: at(20), reference: "Tenant" },
    streams: [stream([2, 900], { endedBy: "client" })],
  })

  it("is a warning, and likely, where the body was given its default", () => {
    deepStrictEqual(
      held(contextLost, read).map(({ severity, confidence }) => [severity, confidence]),
      [["warning", "likely"]],
    )
  })

  it("names the Reference, and when the body asked for it", () => {
    const [hit] = held(contextLost, read)
    strictEqual(
      hit?.message,
      'The body of GET /event asked for the Reference "Tenant" at 20.0 ms and was given its default: the ' +
        "handler had a value of its own, and what runs the body does not have it.",
    )
    deepStrictEqual(hit?.evidence, {
      reference: "Tenant",
      "default.read_ms": 20,
      "handler.returned_ms": 1,
    })
  })
})
