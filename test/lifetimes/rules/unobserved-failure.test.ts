import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, Queue, StreamRun, Subscription } from "../../../otel/lifetimes/model.ts"
import { unobservedFailure } from "../../../otel/lifetimes/rules/unobserved-failure.ts"
import {
  afterwards,
  again,
  at,
  confidences,
  exchange,
  feederFailed,
  held,
  live,
  queue,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "../exchange.ts"

const request = scope("request", [0])

const bus = (more: Partial<Subscription> = {}): Subscription =>
  subscription(request, [1], { feederFailed: feederFailed(100), delivered: 4, ...more })

const other = (more: Partial<Subscription> = {}): Subscription =>
  bus({ name: "other", span: { traceId: "trace", spanId: "other" }, ...more })

const watching = (
  subscriptions: ReadonlyArray<Subscription>,
  streamFields: Partial<StreamRun> = {},
): Exchange =>
  exchange([0], {
    endedBy: undefined,
    scopes: [request],
    subscriptions,
    streams: [
      stream([2], { reads: subscriptions.map(({ span }) => span.spanId), ...streamFields }),
    ],
  })

describe("unobserved-failure", () => {
  it("is likely where the fiber that fed a stream failed, and the stream went on", () => {
    deepStrictEqual(confidences(unobservedFailure, watching([bus()])), ["likely"])
  })

  it("holds where the fiber had failed before the exchange began", () => {
    const early = watching([bus({ feederFailed: feederFailed(-5_000) })])
    const [hit] = held(unobservedFailure, early)
    strictEqual(hit?.message.includes("failed 5.00 s before GET /event began"), true)
  })

  it("says what failed, when, and for how long the stream stayed open", () => {
    const [hit] = held(unobservedFailure, watching([bus()], { endedAt: at(2_100) }))
    strictEqual(
      hit?.message,
      'Fiber "poll" failed at 100 ms with "no access", and nobody was told. No other had published ' +
        'to PubSub "bus", which stream "event" reads: it stayed open for 2.00 s without an event.',
    )
    deepStrictEqual(hit?.evidence, {
      fiber: "poll",
      "fiber.id": 12,
      "fiber.failed_ms": 100,
      "exception.message": "no access",
      "code.function.name": "poll",
      "code.file.path": "/app/poll.ts",
      "code.line.number": 8,
      resource: "bus",
      "resource.delivered": 4,
      stream: "event",
      "stream.open_until_ms": 2_100,
    })
    deepStrictEqual(hit?.spanIds, ["bus", "event"])
  })

  it("is silent where the stream ends within the grace period", () => {
    const ended = watching([bus()], { endedAt: at(1_000) })
    deepStrictEqual(held(unobservedFailure, ended), [])
  })

  it("is silent where the PubSub comes to its end too: another rule knows of that", () => {
    const shut = watching([bus({ sourceEnd: sourceEnd(101) })])
    deepStrictEqual(held(unobservedFailure, shut), [])
  })

  it("is silent where the stream reads something else that is still fed", () => {
    const fed = watching([bus(), other({ feederFailed: undefined })])
    deepStrictEqual(held(unobservedFailure, fed), [])
  })

  it("is silent where the stream reads something of another exchange", () => {
    const shared = watching([bus()], { reads: ["bus", "of another"] })
    deepStrictEqual(held(unobservedFailure, shared), [])
  })

  it("asks again when the grace period has passed", () => {
    strictEqual(again(unobservedFailure, watching([bus()]), live(500)), 1_100)
  })

  it("counts from the last of several that failed", () => {
    const both = watching([bus(), other({ feederFailed: feederFailed(300) })])
    strictEqual(again(unobservedFailure, both, live(500)), 1_300)
  })

  it("is silent in a recording that ends before the grace period has passed", () => {
    const moment = { ...afterwards, now: at(900) }
    deepStrictEqual(held(unobservedFailure, watching([bus()]), moment), [])
  })
})

describe("unobserved-failure of what fills a queue", () => {
  const fed = (more: Partial<Queue> = {}): Queue =>
    queue([1], { feederFailed: feederFailed(100), ...more })

  const waiting = (
    queues: ReadonlyArray<Queue>,
    subscriptions: ReadonlyArray<Subscription> = [],
  ): Exchange => ({ ...watching(subscriptions), queues })

  it("is likely where the stream went on", () => {
    deepStrictEqual(confidences(unobservedFailure, waiting([fed()])), ["likely"])
  })

  it("says what it had filled", () => {
    const [hit] = held(unobservedFailure, waiting([fed()]))
    strictEqual(
      hit?.message,
      'Fiber "poll" failed at 100 ms with "no access", and nobody was told. No other had put anything ' +
        'into the queue made in subscribe, which stream "event" reads: it was still open when it was ' +
        "judged, 9.90 s later.",
    )
    deepStrictEqual([hit?.evidence.queue, hit?.spanIds], ["subscribe", ["subscribe", "event"]])
  })

  it("advises to end the queue: what still waits is not lost, and the body does not fail", () => {
    const [hit] = held(unobservedFailure, waiting([fed()]))
    strictEqual(hit?.suggestion?.includes("Effect.ensuring(Queue.end(queue))"), true)
    strictEqual(held(unobservedFailure, watching([bus()]))[0]?.suggestion, undefined)
  })

  it("holds where the stream hands that on through a queue of its own", () => {
    const buffer = fed({ withinStream: true, feederFailed: undefined })
    deepStrictEqual(confidences(unobservedFailure, waiting([fed(), buffer])), ["likely"])
  })

  it("is silent where the queue was ended", () => {
    deepStrictEqual(confidences(unobservedFailure, waiting([fed({ finished: true })])), [])
  })

  it("is silent where another queue or a subscription may still bring something", () => {
    const other = fed({ feederFailed: undefined })
    deepStrictEqual(confidences(unobservedFailure, waiting([fed(), other])), [])
    const subscriptions = [bus({ feederFailed: undefined })]
    deepStrictEqual(confidences(unobservedFailure, waiting([fed()], subscriptions)), [])
    deepStrictEqual(confidences(unobservedFailure, waiting([other], [bus()])), [])
  })
})
