import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, StreamRun } from "../../otel/lifetimes/model.ts"
import type { Rule } from "../../otel/lifetimes/rule.ts"
import { scopeClosedEarly } from "../../otel/lifetimes/rules/scope-closed-early.ts"
import { serverEndedStream } from "../../otel/lifetimes/rules/server-ended-stream.ts"
import { starvedStream } from "../../otel/lifetimes/rules/starved-stream.ts"
import { at, confidences, exchange, scope, sourceEnd, stream, subscription } from "./exchange.ts"

const request = scope("request", [0, 20])
const by = {
  name: "bus scope",
  span: { traceId: "program", spanId: "bus scope" },
  belongsTo: "the program",
} as const

interface InStop {
  readonly what: string
  readonly rule: Rule
  /** It happened at -50 ms or at 15 ms. */
  readonly of: (stoppingSince: number | undefined) => Exchange
}

const ending = (
  stoppingSince: number | undefined,
  streamFields: Partial<StreamRun>,
  more: Partial<Exchange> = {},
): Exchange =>
  exchange([0, 20], {
    scopes: [request],
    streams: [stream([1, 15], streamFields)],
    stoppingSince: stoppingSince === undefined ? undefined : at(stoppingSince),
    ...more,
  })

const inStop: ReadonlyArray<InStop> = [
  {
    what: "a PubSub that the program shut down before somebody came",
    rule: scopeClosedEarly,
    of: (since) =>
      ending(
        since,
        { endedBy: "upstream" },
        {
          subscriptions: [subscription(request, [0.2, 0.3], { sourceEnd: sourceEnd(-50, { by }) })],
        },
      ),
  },
  {
    what: "a queue that the program shut down before",
    rule: scopeClosedEarly,
    of: (since) =>
      ending(since, {
        endedBy: "released",
        reads: [],
        shutQueue: { at: at(-50), by, byHandler: false, code: undefined },
      }),
  },
  {
    what: "a fiber that the program interrupted before",
    rule: scopeClosedEarly,
    of: (since) =>
      ending(
        since,
        {},
        { failed: true, cutOff: { at: at(-50), by, otherTrace: undefined, code: undefined } },
      ),
  },
  {
    what: "a stream that fails",
    rule: serverEndedStream,
    of: (since) => ending(since, { endedBy: "failure", reads: [] }, { failed: true }),
  },
  {
    what: "a stream whose source is over",
    rule: starvedStream,
    of: (since) =>
      exchange([-3_000, 0], {
        scopes: [request],
        subscriptions: [
          subscription(request, [-2_999, 0], {
            readByFork: true,
            sourceEnd: sourceEnd(-50 - 1_500),
          }),
        ],
        streams: [stream([-2_998, 0])],
        stoppingSince: since === undefined ? undefined : at(since - 1_500),
      }),
  },
]

describe("a program that stops", () => {
  it.each(inStop)("makes $what no problem", ({ rule, of }) => {
    deepStrictEqual(confidences(rule, of(undefined)).length, 1)
    deepStrictEqual(confidences(rule, of(-100)), [])
  })

  it.each(inStop)("does not excuse $what if it began to stop later", ({ rule, of }) => {
    deepStrictEqual(confidences(rule, of(16)).length, 1)
  })
})
