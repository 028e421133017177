import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../otel/lifetimes/judge.ts"
import type { Exchange, StreamRun } from "../../otel/lifetimes/model.ts"
import { rules } from "../../otel/lifetimes/registry.ts"
import { afterwards, at, exchange, live, scope, stream, subscription } from "./exchange.ts"

const failure = { type: "Error", message: "Service not found: instance", defect: true }

const lost: Partial<StreamRun> = { endedBy: "failure", exit: "failure", failure, reads: [] }

const other = (stream: StreamRun): StreamRun => ({
  ...stream,
  name: "other",
  span: { traceId: "trace", spanId: "other" },
})

const failing = (streams: ReadonlyArray<StreamRun>): Exchange =>
  exchange([0, 4], { handlerReturnedAt: at(1), failed: true, streams })

const found = (judged: Exchange) =>
  judge(judged, afterwards).matches.map(({ rule, stream }) => [rule, stream])

describe("judging an exchange", () => {
  it("names the deepest rule alone where the symptom would be named too", () => {
    deepStrictEqual(found(failing([stream([2, 3], lost)])), [["context-lost", "event"]])
  })

  it("names the symptom where no other rule explains it", () => {
    const unexplained = {
      ...lost,
      failure: { type: "Error", message: "no space left", defect: undefined },
    }
    deepStrictEqual(found(failing([stream([2, 3], unexplained)])), [
      ["server-ended-stream", "event"],
    ])
  })

  it("names the failure that ended the body, and not those that it survived", () => {
    const survived = {
      ...lost,
      failure: { type: "Error", message: "no space left", defect: undefined },
    }
    deepStrictEqual(found(failing([other(stream([1, 2], survived)), stream([2, 3], lost)])), [
      ["context-lost", "event"],
    ])
  })

  it("names the symptom of a body that nobody traced although a subscription leaks", () => {
    const application = scope("application", [-1])
    const judged = exchange([0, 4], {
      failure: { type: "Error", message: "no space left", defect: undefined },
      subscriptions: [subscription(application, [0.5])],
    })
    deepStrictEqual(found(judged), [
      ["subscription-leak", undefined],
      ["server-ended-stream", judged.span.spanId],
    ])
  })

  it("names the deepest rule first", () => {
    const handler = scope("handler", [0.1, 0.9])
    const released = stream([1, 2], { endedBy: "released", endedBySubscription: "bus" })
    const judged = {
      ...failing([other(stream([2, 3], lost)), released]),
      scopes: [handler],
      subscriptions: [subscription(handler, [0.2, 0.9])],
    }
    deepStrictEqual(found(judged), [
      ["scope-closed-early", "event"],
      ["context-lost", "other"],
    ])
  })

  it("says of which exchange, service and route it speaks", () => {
    const [match] = judge(failing([stream([2, 3], lost)]), afterwards).matches
    deepStrictEqual(
      [match?.service, match?.route, match?.exchange],
      ["test", "GET /event", { traceId: "trace", spanId: "GET /event" }],
    )
  })

  it("is pending while any rule asks for more time", () => {
    strictEqual(judge(exchange([0]), live(1)).pending, true)
    strictEqual(judge(exchange([0, 1]), live(2)).pending, false)
  })

  it("names what it knows while a rule asks for more time", () => {
    const application = scope("application", [-1])
    const judged = {
      ...failing([stream([2, 3], lost)]),
      subscriptions: [subscription(application, [0.5])],
    }
    const { matches, pending } = judge(judged, live(5))
    deepStrictEqual([matches.map(({ rule }) => rule), pending], [["context-lost"], true])
  })
})

describe("every rule", () => {
  it("has a name of its own", () => {
    strictEqual(new Set(rules.map(({ name }) => name)).size, rules.length)
  })

  it.each(rules.map((rule) => [rule.name, rule] as const))(
    "%s says what it means and how to fix it",
    (_, rule) => {
      ok(rule.summary.endsWith("."))
      ok(rule.suggestion.includes("\n"))
    },
  )

  it("is certain of nothing where the times of an exchange contradict each other", () => {
    const left = { endedBy: "shutdown", clientLeftAt: at(-7_000_000) } as const
    const sure = (millis: readonly [number, number], more: Partial<Exchange>) =>
      judge(exchange(millis, more), afterwards).matches.map(({ confidence }) => confidence)
    deepStrictEqual(sure([0, 9_000], left), ["likely"])
    deepStrictEqual(sure([0, 9_000], { ...left, clientLeftAt: at(3) }), ["certain"])
    const scopes = [scope("request", [0, 9_000], { closedAt: at(-4) })]
    deepStrictEqual(sure([0, 9_000], { ...left, clientLeftAt: at(3), scopes }), ["likely"])
  })
})
