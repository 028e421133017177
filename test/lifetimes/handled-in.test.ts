import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange, Scope } from "../../otel/lifetimes/model.ts"
import { afterwards, at, exchange, scope, stream, subscription } from "./exchange.ts"

const code = { function: "watch", file: "/app/watch.ts", line: 7 }

const request = (end: number, more: Partial<Scope> = {}): Scope =>
  scope("request", [0, end], { code, isAroundCall: true, ...more })

const failure = { type: "Error", message: "Service not found: Tenant", defect: true }

const found: Readonly<Record<string, (around: Scope) => Exchange>> = {
  "late-subscription": (around) =>
    exchange([0, 300], {
      endedBy: "client",
      scopes: [around],
      subscriptions: [subscription(scope("body", [1, 300]), [10, 300])],
      streams: [stream([2, 300], { endedBy: "client", firstEventAt: at(5) })],
    }),
  "context-lost": (around) =>
    exchange([0, 300], {
      endedBy: "client",
      handlerReturnedAt: at(1),
      scopes: [around],
      streams: [stream([2, 300], { endedBy: "client" })],
      defaultRead: { at: at(20), reference: "Tenant" },
    }),
  "context-lost, failing": (around) =>
    exchange([0, 300], {
      failed: true,
      handlerReturnedAt: at(1),
      scopes: [around],
      streams: [stream([2, 300], { endedBy: "failure", failure })],
    }),
  "shutdown-held-open": (around) =>
    exchange([0, 3_000], {
      endedBy: "shutdown",
      scopes: [around],
      streams: [stream([2, 3_000], { endedBy: "shutdown" })],
      stopBeganAt: at(100),
    }),
  "deferred-teardown": (around) =>
    exchange([0, 3_000], {
      endedBy: "client",
      scopes: [around],
      streams: [stream([2, 3_000], { endedBy: "client" })],
      leaveSeenAt: at(100),
    }),
  "server-ended-stream": (around) =>
    exchange([0, 300], {
      failed: true,
      scopes: [around],
      streams: [
        stream([2, 300], { endedBy: "failure", failure: { ...failure, message: "too far" } }),
      ],
    }),
  "request-scope-leak": (around) =>
    exchange([0, 40], {
      endedBy: "client",
      scopes: [around, scope("unnamed scope", [0.2], { unowned: true, left: 3 })],
    }),
}

const placeOf = (judged: Exchange) => judge(judged, afterwards).matches.map((it) => it.code)

describe("a finding for whose lifetimes no place is known", () => {
  it.each(Object.keys(found))("leads to the function that handled the request: %s", (name) => {
    const make = found[name]
    if (make === undefined) throw new Error(name)
    const judged = make(request(6_000))
    deepStrictEqual(
      judge(judged, afterwards).matches.map(({ rule }) => rule),
      [name.split(",")[0]],
    )
    deepStrictEqual(placeOf(judged), [code])
    deepStrictEqual(placeOf(make(request(6_000, { isAroundCall: false, code: undefined }))), [
      undefined,
    ])
  })

  it("leads nowhere if the handler has nothing to do with it", () => {
    const unseen = exchange([0, 3_000], {
      endedBy: "client",
      scopes: [request(3_000)],
      clientLeftAt: at(100),
    })
    const [match] = judge(unseen, afterwards).matches
    deepStrictEqual([match?.rule, match?.code], ["disconnect-unseen", undefined])
  })
})
