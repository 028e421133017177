import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange } from "../../../otel/lifetimes/model.ts"
import { shutdownHeldOpen } from "../../../otel/lifetimes/rules/shutdown-held-open.ts"
import { at, confidences, exchange, held, stream } from "../exchange.ts"

/** The program begins to stop at 500 ms, and the exchange is interrupted later. */
const stopped = (end: number, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, end], {
    endedBy: "shutdown",
    stopBeganAt: at(500),
    streams: [stream([2, end], { endedBy: "shutdown", exit: "interrupt", events: 3 })],
    ...more,
  })

describe("shutdown-held-open", () => {
  it("is certain where an event stream was interrupted long after the stop began", () => {
    deepStrictEqual(confidences(shutdownHeldOpen, stopped(1_501)), ["certain"])
  })

  it("says when the stop began, and how long the stream was open then", () => {
    const [hit] = held(shutdownHeldOpen, stopped(4_500))
    strictEqual(
      hit?.message,
      "The server began to stop at 500 ms, and the event stream of GET /event was open for another " +
        "4.00 s, until it was interrupted: nothing ended it.",
    )
    deepStrictEqual(hit?.evidence, {
      "stop.began_ms": 500,
      "exchange.ended_ms": 4_500,
      stream: "event",
      "stream.events": 3,
    })
  })

  it("counts from the beginning of an exchange that began after the stop", () => {
    const late = stopped(900, { stopBeganAt: at(-5_000) })
    deepStrictEqual(held(shutdownHeldOpen, late), [])
  })

  it("is silent where the stream is interrupted at once", () => {
    deepStrictEqual(held(shutdownHeldOpen, stopped(1_500)), [])
  })

  it("is silent where the moment of the stop is not known", () => {
    deepStrictEqual(held(shutdownHeldOpen, stopped(9_000, { stopBeganAt: undefined })), [])
  })

  it("is silent about what is no event stream: a download may take its time", () => {
    deepStrictEqual(held(shutdownHeldOpen, stopped(9_000, { contentType: "text/csv" })), [])
  })
})
