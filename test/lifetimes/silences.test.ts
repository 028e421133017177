import { deepStrictEqual, ok } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange, Subscription } from "../../otel/lifetimes/model.ts"
import { rules, silences } from "../../otel/lifetimes/registry.ts"
import { NotYet } from "../../otel/lifetimes/rule.ts"
import {
  afterwards,
  at,
  client,
  exchange,
  fiber,
  finalizer,
  ownedByProgram,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "./exchange.ts"

const application = scope("application", [-100], { role: "application" })
const openRequest = scope("request", [0])
const handler = scope("handler", [0.1, 0.9])

const connection = scope("connection", [0.2, 9_000], { role: "connection" })

/** Held by the application for good. */
const leaked = subscription(application, [0.5], { owner: ownedByProgram })

/** Acquired in a request scope that never closes. */
const kept = subscription(openRequest, [0.5])

const slow: Partial<Subscription> = { capacity: 16, missed: 3 }

const failure = { type: "Error", message: "no space left", defect: undefined }

/** Its client left at 1 s, and only the program's stop ended it at 5 s. */
const unseen = (more: Partial<Exchange>): Exchange =>
  exchange([0, 5_000], { endedBy: "shutdown", client: client(1_000, "client"), ...more })

/** Every rule that holds, silenced or not. */
const holding = (judged: Exchange): ReadonlyArray<string> =>
  rules
    .filter(({ judge: verdict }) => {
      const found = verdict(judged, afterwards)
      return !(found instanceof NotYet) && found.length > 0
    })
    .map(({ name }) => name)

const named = (judged: Exchange): ReadonlyArray<string> =>
  judge(judged, afterwards).matches.map(({ rule }) => rule)

/** What is silent, what speaks, and an exchange in which both hold. */
const silenced: ReadonlyArray<readonly [silent: string, speaking: string, judged: Exchange]> = [
  [
    "server-ended-stream",
    "context-lost",
    exchange([0, 4], {
      handlerReturnedAt: at(1),
      failed: true,
      streams: [
        stream([2, 3], {
          reads: [],
          endedBy: "failure",
          exit: "failure",
          failure: { type: "Error", message: "Service not found: instance", defect: true },
        }),
      ],
    }),
  ],
  [
    "server-ended-stream",
    "scope-closed-early",
    exchange([0, 40], {
      failed: true,
      scopes: [scope("request", [0, 40]), handler],
      subscriptions: [subscription(handler, [0.2, 0.9])],
      streams: [
        stream([1, 39], {
          refused: { at: at(2), subscription: "bus" },
          endedBy: "failure",
          exit: "failure",
          failure,
        }),
      ],
    }),
  ],
  [
    "server-ended-stream",
    "upstream-bound-to-first-consumer",
    exchange([0, 4], {
      failed: true,
      cutOff: { at: at(3), otherTrace: "first", by: undefined, code: undefined },
      streams: [stream([2, 3], { reads: [], endedBy: "failure", exit: "interrupt", failure })],
    }),
  ],
  [
    // The body subscribed when it had greeted, in a scope that had closed.
    "late-subscription",
    "scope-closed-early",
    exchange([0, 4], {
      scopes: [scope("request", [0, 4]), handler],
      subscriptions: [subscription(handler, [2, 2.1])],
      streams: [
        stream([1, 3], {
          firstEventAt: at(1.5),
          endedBy: "released",
          endedBySubscription: "bus",
        }),
      ],
    }),
  ],
  ["subscription-leak", "disconnect-unseen", unseen({ subscriptions: [leaked] })],
  [
    "request-scope-leak",
    "disconnect-unseen",
    unseen({ route: "HEAD /event", scopes: [openRequest] }),
  ],
  [
    "slow-consumer",
    "disconnect-unseen",
    unseen({
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [subscription(scope("request", [0, 5_000]), [0.5, 5_000], slow)],
      streams: [stream([1, 5_000], { endedBy: "shutdown" })],
    }),
  ],
  [
    "starved-stream",
    "disconnect-unseen",
    unseen({
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [
        subscription(scope("request", [0, 5_000]), [0.5, 5_000], {
          readByFork: true,
          sourceEnd: sourceEnd(2_000),
        }),
      ],
      streams: [stream([1, 5_000], { endedBy: "shutdown" })],
    }),
  ],
  [
    "shutdown-held-open",
    "disconnect-unseen",
    unseen({ stopBeganAt: at(2_000), scopes: [scope("request", [0, 5_000])] }),
  ],
  [
    // It is told after two seconds, and cleans up for as long.
    "deferred-teardown",
    "disconnect-unseen",
    exchange([0, 5_000], {
      endedBy: "client",
      clientLeftAt: at(1_000),
      leaveSeenAt: at(3_000),
      scopes: [scope("request", [0, 5_000])],
    }),
  ],
  [
    // The body does not read while it waits for what nobody stops.
    "slow-consumer",
    "deferred-teardown",
    exchange([0, 5_000], {
      endedBy: "client",
      clientLeftAt: at(1_000),
      leaveSeenAt: at(1_000),
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [subscription(scope("request", [0, 5_000]), [0.5, 5_000], slow)],
      streams: [stream([1, 5_000], { endedBy: "client" })],
    }),
  ],
  [
    "subscription-leak",
    "request-scope-leak",
    exchange([0, 2], { route: "HEAD /event", scopes: [openRequest], subscriptions: [kept] }),
  ],
  [
    // A finalizer of the request's scope would close the connection's, and both close when the program stops.
    "subscription-leak",
    "request-scope-leak",
    exchange([0, 2], {
      route: "HEAD /event",
      scopes: [openRequest, connection],
      subscriptions: [subscription(connection, [0.5, 9_000])],
    }),
  ],
  [
    "orphan-fiber",
    "subscription-leak",
    exchange([0, 100], {
      subscriptions: [leaked],
      streams: [stream([1, 100], { fiber: 9, endedBy: "upstream" })],
      orphans: [fiber([0.5], { id: 9 })],
    }),
  ],
  [
    "scope-pile-up",
    "subscription-leak",
    exchange([0, 100], {
      subscriptions: [{ ...leaked, endedAt: at(5_000) }],
      finalizers: [finalizer([0.5])],
    }),
  ],
  [
    "scope-pile-up",
    "orphan-fiber",
    exchange([0, 100], { orphans: [fiber([0.5])], finalizers: [finalizer([0.6])] }),
  ],
]

/** Two bugs of one exchange. */
const apart: ReadonlyArray<readonly [one: string, other: string, judged: Exchange]> = [
  [
    "request-scope-leak",
    "subscription-leak",
    exchange([0, 2], { route: "HEAD /event", scopes: [openRequest], subscriptions: [leaked] }),
  ],
  [
    "subscription-leak",
    "orphan-fiber",
    exchange([0, 100], {
      subscriptions: [leaked],
      streams: [stream([1, 100], { fiber: 9, endedBy: "upstream" })],
      orphans: [fiber([0.5], { id: 8 })],
    }),
  ],
  [
    "server-ended-stream",
    "late-subscription",
    exchange([0, 40], {
      failed: true,
      scopes: [scope("request", [0, 40])],
      subscriptions: [subscription(scope("request", [0, 40]), [5, 40])],
      streams: [
        stream([1, 39], { firstEventAt: at(2), endedBy: "failure", exit: "failure", failure }),
      ],
    }),
  ],
  [
    "disconnect-unseen",
    "late-subscription",
    unseen({
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [subscription(scope("request", [0, 5_000]), [5, 5_000])],
      streams: [stream([1, 5_000], { endedBy: "shutdown", firstEventAt: at(2) })],
    }),
  ],
  ["disconnect-unseen", "orphan-fiber", unseen({ orphans: [fiber([0.5])] })],
  [
    "disconnect-unseen",
    "starved-stream",
    unseen({
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [
        subscription(scope("request", [0, 5_000]), [0.5, 5_000], {
          readByFork: true,
          sourceEnd: sourceEnd(100),
        }),
      ],
      streams: [stream([1, 5_000], { endedBy: "shutdown" })],
    }),
  ],
  [
    "late-subscription",
    "slow-consumer",
    exchange([0, 5_000], {
      endedBy: "client",
      scopes: [scope("request", [0, 5_000])],
      subscriptions: [subscription(scope("request", [0, 5_000]), [5, 5_000], slow)],
      streams: [stream([1, 5_000], { endedBy: "client", firstEventAt: at(2) })],
    }),
  ],
  [
    "scope-closed-early",
    "subscription-leak",
    exchange([0, 4], {
      scopes: [handler],
      subscriptions: [
        subscription(handler, [0.2, 0.9]),
        { ...leaked, name: "other", span: { traceId: "trace", spanId: "other" } },
      ],
      streams: [stream([1, 2], { endedBy: "released", endedBySubscription: "bus" })],
    }),
  ],
  [
    "subscription-leak",
    "server-ended-stream",
    exchange([0, 4], {
      failed: true,
      subscriptions: [leaked],
      streams: [stream([1, 3], { endedBy: "failure", exit: "failure", failure })],
    }),
  ],
]

describe("of two rules that hold of one bug", () => {
  it.each(silenced)("%s is silent, and %s speaks", (silent, speaking, judged) => {
    deepStrictEqual([...holding(judged)].sort(), [silent, speaking].sort())
    deepStrictEqual(named(judged), [speaking])
  })

  it.each(
    silences.flatMap(({ silent, because }) => because.map((rule) => [silent, rule] as const)),
  )("%s is shown to be silent because of %s", (silent, because) => {
    ok(silenced.some(([one, other]) => one === silent && because === other))
  })
})

describe("of two bugs in one exchange", () => {
  it.each(apart)("%s and %s both speak", (one, other, judged) => {
    deepStrictEqual([...named(judged)].sort(), [one, other].sort())
  })
})
