import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, SourceEnd, StreamRun } from "../../../otel/lifetimes/model.ts"
import { upstreamBoundToFirstConsumer } from "../../../otel/lifetimes/rules/upstream-bound-to-first-consumer.ts"
import {
  at,
  confidences,
  exchange,
  feederFailed,
  held,
  live,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "../exchange.ts"

const rule = upstreamBoundToFirstConsumer
const request = scope("request", [0, 101])
const first = { traceId: "first", spanId: "first request" }

const byAnother: SourceEnd["by"] = {
  name: "request",
  span: first,
  belongsTo: "another exchange",
}

/** Where the scope of the other exchange was opened. */
const makeRelay = { function: "makeRelay", file: "/app/relay.ts", line: 4 }

/** The first exchange shuts the relay down at 99 ms, and this stream ends at 100 ms. */
const shutDown = (
  end: Partial<SourceEnd> = {},
  streamFields: Partial<StreamRun> = {},
  more: Partial<Exchange> = {},
): Exchange =>
  exchange([0, 101], {
    scopes: [request],
    subscriptions: [
      subscription(request, [1, 101], {
        name: "relay",
        sourceEnd: sourceEnd(99, { by: byAnother, code: makeRelay, ...end }),
      }),
    ],
    streams: [stream([2, 100], { endedBy: "upstream", ...streamFields })],
    ...more,
  })

/** The first exchange released the subscription that this stream read, too. */
const released: Partial<StreamRun> = {
  reads: ["theirs"],
  endedBy: "released",
  endedBySubscription: "theirs",
  endedByForeign: {
    subscription: { traceId: "first", spanId: "theirs" },
    name: "relay",
    owner: "request",
    code: makeRelay,
    belongsTo: "another exchange",
    releasedFor: 0,
  },
}

const shared = (more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 101], { scopes: [request], streams: [stream([2, 100], released)], ...more })

/** The first exchange shut the queue down that this stream read. */
const queueTaken = exchange([0, 101], {
  scopes: [request],
  streams: [
    stream([2, 100], {
      endedBy: "failure",
      shutQueue: { at: at(99), by: byAnother, byHandler: false, code: makeRelay },
    }),
  ],
})

describe("upstream-bound-to-first-consumer", () => {
  it("is certain where another exchange took along the queue that the stream reads", () => {
    deepStrictEqual(confidences(rule, queueTaken), ["certain"])
  })

  it("is certain where a scope of another exchange shut the PubSub down", () => {
    deepStrictEqual(confidences(rule, shutDown()), ["certain"])
  })

  it("is certain where a scope of another exchange released the subscription", () => {
    deepStrictEqual(confidences(rule, shared()), ["certain"])
  })

  it("is certain up to a grace period after the PubSub was shut down, and at that moment", () => {
    for (const endedAt of [99, 1_099]) {
      deepStrictEqual(confidences(rule, shutDown({}, { endedAt: at(endedAt) })), ["certain"])
    }
  })

  it("speaks before the exchange has ended", () => {
    const judged = shutDown({}, {}, { endedAt: undefined, endedBy: undefined })
    deepStrictEqual(confidences(rule, judged, live(100)), ["certain"])
  })

  it("names the scope and the trace of the owner in one sentence", () => {
    strictEqual(
      held(rule, shutDown())[0]?.message,
      'Stream "event" ended at 100 ms because PubSub "relay", which it read, belonged to scope ' +
        '"request" of another exchange (trace first): that one closed at 99.0 ms, while this client ' +
        "was still connected.",
    )
    strictEqual(
      held(rule, shared())[0]?.message,
      'Stream "event" ended at 100 ms because subscription "relay", which it read, belonged to ' +
        'scope "request" of another exchange (trace first): that one closed at 100 ms, while this ' +
        "client was still connected.",
    )
  })

  it("leads to where the scope was opened that took it away", () => {
    for (const judged of [shutDown(), shared(), queueTaken]) {
      const { evidence } = held(rule, judged)[0] ?? {}
      deepStrictEqual(
        [evidence?.["code.function.name"], evidence?.["code.line.number"]],
        ["makeRelay", 4],
      )
    }
  })

  it("says how long before its own exchange the other one had taken it away", () => {
    const before = "that one had closed 50.0 ms before GET /event began."
    const late = {
      subscriptions: [
        subscription(request, [1, 101], { sourceEnd: sourceEnd(-50, { by: byAnother }) }),
      ],
    }
    const freed = {
      ...released,
      endedByForeign: released.endedByForeign && {
        ...released.endedByForeign,
        releasedFor: 150_000,
      },
    }
    for (const judged of [shutDown({}, {}, late), shared({ streams: [stream([2, 100], freed)] })]) {
      ok(held(rule, judged)[0]?.message.endsWith(before))
    }
  })

  it("has stream, upstream and owner as evidence", () => {
    deepStrictEqual(held(rule, shutDown())[0]?.evidence, {
      stream: "event",
      "stream.ended_ms": 100,
      upstream: 'PubSub "relay"',
      "upstream.ended_ms": 99,
      "owner.scope": "request",
      "owner.trace": "first",
      "code.function.name": "makeRelay",
      "code.file.path": "/app/relay.ts",
      "code.line.number": 4,
    })
  })

  it("is about the scope that owned the upstream, and the stream that ended with it", () => {
    const about = (judged: Exchange) =>
      held(rule, judged).map(({ operation, spanIds, stream }) => [operation, spanIds, stream])
    deepStrictEqual(about(shutDown()), [["scope request", ["bus", "event"], "event"]])
    deepStrictEqual(about(shared()), [["scope request", ["event"], "event"]])
  })

  it.each(["this exchange", "the program"] as const)(
    "says nothing where a scope of %s shut the PubSub down",
    (belongsTo) => {
      const by = { name: "request", span: first, belongsTo }
      deepStrictEqual(confidences(rule, shutDown({ by })), [])
    },
  )

  it("says nothing where the stream's end is not that of the foreign subscription", () => {
    const judged = {
      ...shared(),
      streams: [stream([2, 100], { ...released, endedBy: "upstream" })],
    }
    deepStrictEqual(confidences(rule, judged), [])
  })

  it("says nothing where nobody knows who shut the PubSub down", () => {
    deepStrictEqual(confidences(rule, shutDown({ by: undefined })), [])
  })

  it("says nothing where the PubSub ended with a last message", () => {
    deepStrictEqual(confidences(rule, shutDown({ how: "ended" })), [])
  })

  it("says nothing where the stream had ended before", () => {
    deepStrictEqual(confidences(rule, shutDown({ at: at(100.5) })), [])
  })

  it("says nothing where the stream still runs", () => {
    deepStrictEqual(confidences(rule, shutDown({}, { endedAt: undefined })), [])
  })

  it("says nothing where the stream went on to something else", () => {
    deepStrictEqual(confidences(rule, shutDown({}, { endedAt: at(1_100) })), [])
  })

  it("says nothing where the stream failed", () => {
    const failed = shutDown({}, { endedBy: "failure", exit: "failure" })
    deepStrictEqual(confidences(rule, failed), [])
  })

  it("says nothing where the stream did not read it", () => {
    deepStrictEqual(confidences(rule, shutDown({}, { reads: ["other"] })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended the stream", (by) => {
    deepStrictEqual(confidences(rule, shutDown({}, { endedBy: by })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended it all", (endedBy) => {
    deepStrictEqual(confidences(rule, shutDown({}, {}, { endedBy })), [])
    deepStrictEqual(confidences(rule, shared({ endedBy })), [])
  })
})

describe("upstream-bound-to-first-consumer of a PubSub that each reader shuts down", () => {
  const byReader = { byReader: true }

  it("is likely: it may be intended", () => {
    deepStrictEqual(confidences(rule, shutDown(byReader)), ["likely"])
  })

  it("says who did it, and that this exchange does the same", () => {
    strictEqual(
      held(rule, shutDown(byReader))[0]?.message,
      'Stream "event" ended at 100 ms because PubSub "relay" of the program was shut down at 99.0 ms, while this ' +
        'client was still connected: scope "request" of another exchange (trace first), which had read it too, ' +
        "did that when it closed, and this exchange does the same.",
    )
  })

  it("says how long before a client that came later", () => {
    strictEqual(
      held(rule, shutDown({ ...byReader, at: at(-2_000) }))[0]?.message,
      'Stream "event" ended at 100 ms because PubSub "relay" of the program had been shut down 2.00 s before it ' +
        'subscribed: scope "request" of another exchange (trace first), which had read it too, did that when it closed.',
    )
  })

  it("says that a body did it, where no scope was closing", () => {
    strictEqual(
      held(rule, shutDown({ ...byReader, by: undefined }))[0]?.message,
      'Stream "event" ended at 100 ms because PubSub "relay" of the program was shut down at 99.0 ms, while this ' +
        "client was still connected: the body of another exchange, which had read it too, did that when it ended, " +
        "and this exchange does the same.",
    )
  })

  it("is fixed where a request ends only what is its own", () => {
    strictEqual(
      held(rule, shutDown(byReader))[0]?.suggestion?.split("\n")[0],
      "Let a request end only what it made itself. Its own subscription ends with its scope, without a finalizer:",
    )
  })

  it("is about the subscription and the stream", () => {
    const [hit] = held(rule, shutDown(byReader))
    deepStrictEqual(
      [hit?.operation, hit?.spanIds, hit?.stream],
      ["scope request", ["bus", "event"], "event"],
    )
  })

  it("has the place where the exchange subscribed", () => {
    const code = { function: "ticks", file: "/app/ticks.ts", line: 24 }
    const judged = shutDown(byReader)
    const [hit] = held(rule, {
      ...judged,
      subscriptions: judged.subscriptions.map((one) => ({ ...one, code })),
    })
    strictEqual(hit?.evidence["code.function.name"], "ticks")
  })

  it("says nothing where the stream went on to something else, or failed", () => {
    deepStrictEqual(confidences(rule, shutDown(byReader, { endedAt: at(1_100) })), [])
    deepStrictEqual(confidences(rule, shutDown(byReader, { exit: "failure" })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended the stream", (by) => {
    deepStrictEqual(confidences(rule, shutDown(byReader, { endedBy: by })), [])
  })

  it("is likely of a call that ended with it", () => {
    const call = shutDown(byReader, {}, { route: "RPC ticks", streams: [] })
    deepStrictEqual(confidences(rule, call), ["likely"])
  })
})

describe("upstream-bound-to-first-consumer of a fiber that fed all", () => {
  const own = scope("request", [0])

  /** The fiber that fed it was stopped at 100 ms with the exchange of that trace. */
  const fedBy = (trace: string, more: Partial<StreamRun> = {}): Exchange =>
    exchange([0, 3_000], {
      endedBy: "client",
      scopes: [own],
      subscriptions: [
        subscription(own, [1], { feederFailed: { ...feederFailed(100), stoppedWith: trace } }),
      ],
      streams: [stream([2, 3_000], { endedBy: "client", ...more })],
    })

  it("is likely where the stream stayed open, also until its client left", () => {
    deepStrictEqual(confidences(upstreamBoundToFirstConsumer, fedBy("other")), ["likely"])
  })

  it("is silent where the stream ended within the grace period", () => {
    const ended = fedBy("other", { endedAt: at(1_000) })
    deepStrictEqual(confidences(upstreamBoundToFirstConsumer, ended), [])
  })

  it("is silent where the fiber was started for this exchange", () => {
    deepStrictEqual(confidences(upstreamBoundToFirstConsumer, fedBy("trace")), [])
  })
})

describe("upstream-bound-to-first-consumer of what another exchange did", () => {
  /** What it waited for ended at 80 ms with the interrupt of another exchange. */
  const cutOff = (more: Partial<Exchange> = {}): Exchange =>
    exchange([0, 81], {
      contentType: undefined,
      status: 499,
      failed: true,
      cutOff: { at: at(80), otherTrace: "first", by: undefined, code: undefined },
      ...more,
    })

  it("is certain where the handler ended with that interrupt, and names whose it was", () => {
    const [hit] = held(rule, cutOff())
    deepStrictEqual(hit?.confidence, "certain")
    deepStrictEqual(hit?.evidence, {
      "interrupt.sent_ms": 80,
      "exchange.ended_ms": 81,
      "owner.trace": "first",
    })
    deepStrictEqual(hit?.stream, undefined)
  })

  it("is about the body that failed with it", () => {
    const failed = stream([2, 80], { reads: [], exit: "interrupt", endedBy: "failure" })
    const [hit] = held(rule, cutOff({ streams: [failed] }))
    deepStrictEqual(hit?.stream, failed.span.spanId)
  })

  it("says nothing where the exchange went on without that", () => {
    deepStrictEqual(confidences(rule, cutOff({ failed: undefined })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended it", (endedBy) => {
    deepStrictEqual(confidences(rule, cutOff({ endedBy })), [])
  })
})

describe("upstream-bound-to-first-consumer of a call", () => {
  /** It has no body, and ends when the first exchange has shut the relay down. */
  const call = (more: Partial<Exchange> = {}, end: Partial<SourceEnd> = {}): Exchange =>
    shutDown(end, {}, { route: "RPC ticks", streams: [], ...more })

  it("is likely where it ended as soon as its PubSub had been shut down with another exchange", () => {
    deepStrictEqual(confidences(rule, call()), ["likely"])
  })

  it("says nothing where it went on", () => {
    deepStrictEqual(confidences(rule, call({ endedAt: at(1_200) })), [])
  })

  it("says nothing where it failed: its own error tells why", () => {
    deepStrictEqual(confidences(rule, call({ failed: true })), [])
  })

  it("says nothing where the PubSub was the program's", () => {
    const by = { ...byAnother, belongsTo: "the program" as const }
    deepStrictEqual(confidences(rule, call({}, { by })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended it", (endedBy) => {
    deepStrictEqual(confidences(rule, call({ endedBy })), [])
  })

  it("says nothing of a request without a body that was seen", () => {
    deepStrictEqual(confidences(rule, call({ route: "GET /event" })), [])
  })
})
