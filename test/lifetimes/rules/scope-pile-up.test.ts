import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, Finalizer } from "../../../otel/lifetimes/model.ts"
import { scopePileUp } from "../../../otel/lifetimes/rules/scope-pile-up.ts"
import {
  again,
  confidences,
  exchange,
  finalizer,
  held,
  live,
  scope,
  stream,
  subscription,
} from "../exchange.ts"

/** The exchange ends at 10 ms. */
const leaving = (finalizers: ReadonlyArray<Finalizer>, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 10], { contentType: undefined, finalizers, ...more })

const fiber = (millis: readonly [number, number?], more: Partial<Finalizer> = {}) =>
  finalizer(millis, { what: "fiber", ...more })

describe("scope-pile-up", () => {
  it("is likely where three exchanges have each left one at the same place", () => {
    deepStrictEqual(confidences(scopePileUp, leaving([finalizer([5])])), ["likely"])
  })

  it("holds where it ran because the scope closed, after the grace period", () => {
    deepStrictEqual(confidences(scopePileUp, leaving([finalizer([5, 2_000])])), ["likely"])
  })

  it("is silent where two have", () => {
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5], { left: 2 })])), [])
  })

  it("is silent where it was removed", () => {
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5, 2_000], { removed: true })])), [])
  })

  it("is silent where the scope closed within the grace period", () => {
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5, 900])])), [])
  })

  it("is silent about scopes that were forked", () => {
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5], { what: "scope" })])), [])
  })

  it("is silent where the exchange still holds a subscription", () => {
    const subscriptions = [subscription(scope("application", [0]), [1])]
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5])], { subscriptions })), [])
  })

  it("gives the work that a request starts five times the grace period until its scope closes", () => {
    deepStrictEqual(held(scopePileUp, leaving([fiber([5, 5_000])])), [])
    deepStrictEqual(confidences(scopePileUp, leaving([fiber([5, 5_011])])), ["likely"])
  })

  it("gives it 60 times the grace period while the program runs", () => {
    const started = leaving([fiber([5], { left: 8 })])
    strictEqual(again(scopePileUp, started, live(60_000)), 60_010)
    deepStrictEqual(confidences(scopePileUp, started, live(60_011)), ["likely"])
  })

  it("gives the fiber of a stream the grace period", () => {
    const streams = [stream([5, 10])]
    deepStrictEqual(confidences(scopePileUp, leaving([fiber([5, 1_011])], { streams })), ["likely"])
    deepStrictEqual(confidences(scopePileUp, leaving([fiber([5, 1_011])], { endedBy: "client" })), [
      "likely",
    ])
  })

  it("says in one sentence what was left, where, and how many did so", () => {
    strictEqual(
      held(scopePileUp, leaving([finalizer([5], { left: 10 })]))[0]?.message,
      'This exchange ended at 10.0 ms and left a finalizer in scope "application", registered in ' +
        "openSession: 10 exchanges have each left one there, and none was removed.",
    )
  })

  it("has the place in the code, the scope, the number and times as evidence", () => {
    deepStrictEqual(held(scopePileUp, leaving([finalizer([5])]))[0]?.evidence, {
      "code.function.name": "openSession",
      "code.file.path": "/app/session.ts",
      "code.line.number": 24,
      finalizer: "release",
      scope: "application",
      "exchanges.left_one": 3,
      "finalizer.registered_ms": 5,
      "exchange.ended_ms": 10,
    })
  })

  it("is one finding where one function leaves a release and a fiber", () => {
    const streams = [stream([5, 10])]
    const hits = held(scopePileUp, leaving([finalizer([5]), fiber([6])], { streams }))
    deepStrictEqual(
      hits.map(({ operation, evidence, spanIds }) => [operation, evidence.finalizer, spanIds]),
      [["finalizer openSession", "fiber and release", ["openSession", "openSession"]]],
    )
    strictEqual(hits[0]?.message.includes("left a fiber and a finalizer in scope"), true)
  })

  it("waits for the end of the exchange, for the grace period, and then for others that do the same", () => {
    const open = exchange([0], { finalizers: [finalizer([5])] })
    strictEqual(again(scopePileUp, open, live(500)), "news")
    strictEqual(again(scopePileUp, leaving([finalizer([5])]), live(500)), 1_010)
    strictEqual(again(scopePileUp, leaving([fiber([5])]), live(2_000)), 60_010)
    strictEqual(again(scopePileUp, leaving([finalizer([5], { left: 1 })]), live(2_000)), "news")
  })
})
