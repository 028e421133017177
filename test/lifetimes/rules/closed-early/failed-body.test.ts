import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../../../otel/lifetimes/judge.ts"
import type { Exchange, Scope, StreamRun } from "../../../../otel/lifetimes/model.ts"
import { scopeClosedEarly } from "../../../../otel/lifetimes/rules/scope-closed-early.ts"
import type { Standstill } from "../../../../otel/lifetimes/spans/standstill.ts"
import {
  afterwards,
  at,
  confidences,
  exchange,
  held,
  scope,
  stream,
  subscription,
} from "../../exchange.ts"

const request = scope("request", [0, 6])
const openCursor = { function: "openCursor", file: "/app/rows.ts", line: 7 }

/** The handler's scope closed at 2 ms, and released what `openCursor` had acquired in it. */
const handler = (more: Partial<Scope> = {}): Scope =>
  scope("rows", [0.5, 2.5], {
    closedAt: at(2),
    handsOut: true,
    firstUse: { at: at(1), code: openCursor },
    ...more,
  })

/** The body that came out of it began at 3 ms, and failed at 5 ms. */
const failed = (
  scopes: ReadonlyArray<Scope> = [handler()],
  body: Partial<StreamRun> = {},
  more: Partial<Exchange> = {},
): Exchange =>
  exchange([0, 6], {
    contentType: "text/csv",
    handlerReturnedAt: at(2.8),
    failed: true,
    scopes: [request, ...scopes],
    streams: [
      stream([3, 5], {
        reads: [],
        exit: "failure",
        endedBy: "failure",
        events: 1,
        failure: { type: "Error", message: "the cursor is closed", defect: false },
        ...body,
      }),
    ],
    ...more,
  })

describe("scope-closed-early of a body that failed", () => {
  it("is likely where a scope that had closed enclosed what made it", () => {
    const [hit] = held(scopeClosedEarly, failed())
    strictEqual(hit?.confidence, "likely")
    strictEqual(
      hit?.message,
      'Stream "event" of GET /event failed with "the cursor is closed" at 5.00 ms, as soon as it began: scope ' +
        '"rows" enclosed what made it, and had closed at 2.00 ms, which released what had been acquired in ' +
        "it (in openCursor, /app/rows.ts:7).",
    )
    deepStrictEqual(hit?.evidence["code.function.name"], "openCursor")
    deepStrictEqual(hit?.spanIds, ["rows", "event"])
  })

  it("does not say that a function opened a scope in which it was called", () => {
    const code = { function: "openCursor", file: "/app/rows.ts", line: 9 }
    const [hit] = held(scopeClosedEarly, failed([handler({ code, isAroundCall: true })]))
    strictEqual(
      hit?.message.includes('scope "rows" (opened around openCursor, /app/rows.ts:9) enclosed'),
      true,
    )
  })

  it("is likely where the handler was given a scope that had closed, and acquired something in it", () => {
    const given = handler({
      enteredClosed: true,
      handsOut: false,
      finalizers: 0,
      closedAt: at(0.5),
    })
    const [hit] = held(scopeClosedEarly, failed([given]))
    strictEqual(hit?.confidence, "likely")
    strictEqual(
      hit?.message.endsWith(
        'scope "rows" had closed before its handler entered it, and what had been acquired in it (in ' +
          "openCursor, /app/rows.ts:7) was released at once.",
      ),
      true,
    )
  })

  it("names the outermost of several: those inside of it closed before", () => {
    const inner = { ...handler({ closedAt: at(1.5) }), name: "inner" }
    strictEqual(held(scopeClosedEarly, failed([handler(), inner]))[0]?.evidence.scope, "rows")
  })

  it("is the only finding about that body", () => {
    const { matches } = judge(
      failed([handler()], {}, { contentType: "text/event-stream" }),
      afterwards,
    )
    deepStrictEqual(
      matches.map(({ rule }) => rule),
      ["scope-closed-early"],
    )
  })

  it("leaves a context that is missing to context-lost", () => {
    const failure = { type: "Error", message: "Service not found: Rows", defect: true }
    const { matches } = judge(failed([handler()], { failure }), afterwards)
    deepStrictEqual(
      matches.map(({ rule }) => rule),
      ["context-lost"],
    )
  })

  it("says nothing of a scope in which something was only looked up", () => {
    deepStrictEqual(confidences(scopeClosedEarly, failed([handler({ handsOut: false })])), [])
  })

  it.each<readonly [what: string, more: Partial<Scope>]>([
    ["held nothing", { finalizers: 0 }],
    ["was interrupted", { exit: "interrupt" }],
    ["closed while it ran", { closedAt: at(4) }],
    ["is open", { closedAt: undefined, endedAt: undefined }],
    ["is the request's own", { role: "request" }],
    ["had closed, and nothing was acquired in it", { enteredClosed: true, firstUse: undefined }],
  ])("says nothing where the scope %s", (_, more) => {
    deepStrictEqual(confidences(scopeClosedEarly, failed([handler(more)])), [])
  })

  it("says nothing where the body had run for a while", () => {
    deepStrictEqual(confidences(scopeClosedEarly, failed([handler()], { endedAt: at(103.1) })), [])
  })

  it.each<readonly [confidence: ReadonlyArray<string>, when: string, stalled: Standstill]>([
    [["likely"], "while it ran", { at: at(90), lasted: 100_000 }],
    [[], "before it began", { at: at(2), lasted: 100_000 }],
    [[], "for less than that", { at: at(90), lasted: 99_000 }],
  ])(
    "gives %j where the body had run for 200 ms, and the process stood still %s",
    (confidence, _, stalled) => {
      const slow = failed([handler()], { endedAt: at(203) }, { stalled })
      deepStrictEqual(confidences(scopeClosedEarly, slow), confidence)
    },
  )

  it("says nothing where the body had been given what it reads", () => {
    const read = failed(
      [handler()],
      { reads: ["bus"] },
      {
        subscriptions: [subscription(request, [3.5, 5.5], { delivered: 1 })],
      },
    )
    deepStrictEqual(confidences(scopeClosedEarly, read), [])
  })

  it("says nothing where the failure did not end the body", () => {
    deepStrictEqual(
      confidences(scopeClosedEarly, failed([handler()], {}, { failed: undefined })),
      [],
    )
  })

  it("says nothing where the interrupt of another exchange ended it", () => {
    const cutOff = { at: at(5), otherTrace: "first", by: undefined, code: undefined }
    deepStrictEqual(confidences(scopeClosedEarly, failed([handler()], {}, { cutOff })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended it", (endedBy) => {
    deepStrictEqual(confidences(scopeClosedEarly, failed([handler()], {}, { endedBy })), [])
  })
})

describe("scope-closed-early of a handler that failed", () => {
  const given = handler({ enteredClosed: true, handsOut: false, finalizers: 0, closedAt: at(0.5) })

  /** It answered 500 at 4 ms. */
  const answered = (more: Partial<Exchange> = {}): Exchange =>
    exchange([0, 4], {
      contentType: undefined,
      status: 500,
      failed: true,
      scopes: [request, given],
      ...more,
    })

  it("is likely where what it had acquired in a scope that had closed was released at once", () => {
    const [hit] = held(scopeClosedEarly, answered())
    strictEqual(hit?.confidence, "likely")
    strictEqual(
      hit?.message,
      'GET /event failed with status 500 at 4.00 ms: scope "rows" had closed before its handler entered it, and ' +
        "what had been acquired in it at 1.00 ms (in openCursor, /app/rows.ts:7) was released at once.",
    )
    deepStrictEqual(hit?.evidence["code.function.name"], "openCursor")
  })

  it.each<readonly [what: string, more: Partial<Exchange>]>([
    ["it told the client what was wrong with the request", { status: 400 }],
    ["it went well", { failed: undefined, status: 200 }],
    ["its client left", { endedBy: "client" }],
    ["the scope was open", { scopes: [request, handler()] }],
    ["nothing was acquired there", { scopes: [request, { ...given, firstUse: undefined }] }],
  ])("says nothing where %s", (_, more) => {
    deepStrictEqual(confidences(scopeClosedEarly, answered(more)), [])
  })
})
