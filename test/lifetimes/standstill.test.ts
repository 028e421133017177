import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Rule } from "../../otel/lifetimes/rule.ts"
import { deferredTeardown } from "../../otel/lifetimes/rules/deferred-teardown.ts"
import { orphanFiber } from "../../otel/lifetimes/rules/orphan-fiber.ts"
import { shutdownHeldOpen } from "../../otel/lifetimes/rules/shutdown-held-open.ts"
import { slowConsumer } from "../../otel/lifetimes/rules/slow-consumer.ts"
import { starvedStream } from "../../otel/lifetimes/rules/starved-stream.ts"
import type { Standstill } from "../../otel/lifetimes/spans/standstill.ts"
import {
  again,
  at,
  confidences,
  exchange,
  fiber,
  held,
  live,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "./exchange.ts"

const request = scope("request", [0, 100])
const untraced = { name: "an untraced scope", spanId: undefined, inExchange: false }

interface Late {
  readonly what: string
  readonly rule: Rule
  /** It is late by 2.9 s, after 100 ms; the process stood still meanwhile or not. */
  readonly of: (stalled: Standstill | undefined) => Exchange
}

const late: ReadonlyArray<Late> = [
  {
    what: "the teardown of a body",
    rule: deferredTeardown,
    of: (stalled) => exchange([0, 3_000], { endedBy: "client", leaveSeenAt: at(100), stalled }),
  },
  {
    what: "a release with the next message",
    rule: deferredTeardown,
    of: (stalled) =>
      exchange([0, 100], {
        endedBy: "client",
        scopes: [request],
        subscriptions: [
          subscription(request, [1, 3_001], {
            owner: untraced,
            releasedBy: undefined,
            untracedReadAt: at(3_000),
            stalled,
          }),
        ],
        streams: [stream([1, 99], { endedBy: "client", exit: "interrupt", reads: [] })],
      }),
  },
  {
    what: "a fiber that is detached",
    rule: orphanFiber,
    of: (stalled) => exchange([0, 100], { orphans: [fiber([50, 3_000], { stalled })] }),
  },
  {
    what: "the end of a stream when the program stops",
    rule: shutdownHeldOpen,
    of: (stalled) => exchange([0, 3_000], { endedBy: "shutdown", stopBeganAt: at(100), stalled }),
  },
  {
    what: "the end of a stream whose source is over",
    rule: starvedStream,
    of: (stalled) =>
      exchange([0, 3_000], {
        scopes: [request],
        subscriptions: [
          subscription(request, [1, 3_000], { readByFork: true, sourceEnd: sourceEnd(100) }),
        ],
        streams: [stream([2, 3_000])],
        stalled,
      }),
  },
]

it("does not blame a reader for what waited while the process stood still", () => {
  const full = (stalled: Standstill | undefined): Exchange =>
    exchange([0, 4_000], {
      scopes: [request],
      subscriptions: [
        subscription(request, [1, 4_000], { capacity: 16, fullFor: 2_900_000, delivered: 9 }),
      ],
      streams: [stream([2, 4_000])],
      stalled,
    })
  deepStrictEqual(confidences(slowConsumer, full(undefined)), ["certain"])
  deepStrictEqual(held(slowConsumer, full({ at: at(3_000), lasted: 2_500_000 })), [])
})

describe("a process that stands still", () => {
  it.each(late)("makes $what late, and that is no problem", ({ rule, of }) => {
    deepStrictEqual(confidences(rule, of(undefined)).length, 1)
    deepStrictEqual(held(rule, of({ at: at(2_900), lasted: 2_500_000 })), [])
  })

  it.each(late)("does not excuse $what if that was before", ({ rule, of }) => {
    deepStrictEqual(confidences(rule, of({ at: at(90), lasted: 2_500_000 })).length, 1)
  })

  it.each(late)("does not excuse $what if that took longer", ({ rule, of }) => {
    deepStrictEqual(confidences(rule, of({ at: at(1_000), lasted: 800_000 })).length, 1)
  })

  it("gives what is still open that time again", () => {
    const stalled = { at: at(900), lasted: 500_000 }
    const running = exchange([0, 100], { orphans: [fiber([50], { stalled })] })
    deepStrictEqual(again(orphanFiber, running, live(1_200)), 1_600)
  })
})
