import { deepStrictEqual, match, strictEqual } from "node:assert"
import { beforeAll, describe, it } from "@effect/vitest"
import type { Attributes, Span } from "../../otel/lifetimes/span.ts"
import { variantNames } from "../../src/server/variant-name.ts"
import { throughJson } from "./json.ts"
import { type RecordedTraces, recordLeaving } from "./recorded-trace.ts"
import { eventNames, eventOf, spanOf } from "./span-tree.ts"

let traces: RecordedTraces

beforeAll(async () => {
  traces = await recordLeaving()
})

const read = (variant: keyof RecordedTraces, name: string): Span =>
  spanOf(throughJson(traces[variant].spans), name)

const pick = (attributes: Attributes, ...keys: ReadonlyArray<string>) =>
  keys.map((key) => attributes[key])

describe("a server span", () => {
  it.each(variantNames)("of %s carries route, status and content type", (variant) => {
    deepStrictEqual(
      pick(
        read(variant, "GET /event").attributes,
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "http.response.header.content-type",
      ),
      ["/event", "GET", 200, ["text/event-stream"]],
    )
  })

  it.each([
    ["broken", "server"],
    ["actual", "server"],
    ["literal", "client"],
    ["fixed", "client"],
  ] as const)("of %s says that the exchange was ended by the %s", (variant, endedBy) => {
    strictEqual(read(variant, "GET /event").attributes["exchange.ended_by"], endedBy)
  })

  it.each(variantNames)("of %s says when the handler returned and the head was sent", (variant) => {
    deepStrictEqual(eventNames(read(variant, "GET /event")).slice(0, 2), [
      "exchange.handler_returned",
      "exchange.head_sent",
    ])
  })

  it.each([
    ["broken", []],
    ["actual", []],
    ["literal", ["exchange.client_left", "exchange.leave_seen"]],
    ["fixed", ["exchange.client_left", "exchange.leave_seen"]],
  ] as const)("of %s says when its client left, where it did", (variant, left) => {
    deepStrictEqual(eventNames(read(variant, "GET /event")).slice(2), left)
  })

  it.each([
    ["broken", "scope-closed-early"],
    ["actual", "context-lost"],
  ] as const)("of %s carries the finding %s, and its sentence as an error", (variant, rule) => {
    const { attributes, status } = read(variant, "GET /event")
    deepStrictEqual([attributes["lifetime.finding"], status.code], [rule, "error"])
    strictEqual(status.message, attributes["lifetime.message"])
  })

  it.each(["literal", "fixed"] as const)("of %s has neither finding nor error", (variant) => {
    const { attributes, status } = read(variant, "GET /event")
    deepStrictEqual([attributes["lifetime.finding"], status.code], [undefined, "unset"])
  })
})

describe("a scope's span", () => {
  it.each([
    ["broken", "request", "request", 0],
    ["broken", "handler", "handler", 1],
    ["fixed", "connection", "connection", 1],
    ["fixed", "request", "request", 1],
  ] as const)("of %s's %s says its role and how it closed", (variant, name, role, finalizers) => {
    const scope = read(variant, `scope ${name}`)
    deepStrictEqual(
      pick(scope.attributes, "effect.lifetime.kind", "effect.scope.name", "effect.scope.role"),
      ["scope", name, role],
    )
    strictEqual(eventOf(scope, "scope.close").attributes["effect.scope.finalizers"], finalizers)
  })

  it("of broken's handler says that it gave the body, and that something was acquired in it", () => {
    const { attributes, events } = read("broken", "scope handler")
    strictEqual(attributes["effect.scope.hands_out"], true)
    deepStrictEqual(
      events.map(({ name }) => name),
      ["scope.first_use", "scope.close"],
    )
  })

  it("says with which exit, on which fiber and for how long it closed", () => {
    const scope = read("broken", "scope handler")
    const { attributes, time } = eventOf(scope, "scope.close")
    strictEqual(attributes["effect.exit"], "success")
    strictEqual(
      attributes["effect.fiber.id"],
      read("broken", "stream event").attributes["effect.fiber.id"],
    )
    strictEqual(attributes["effect.scope.finalizers.duration_ms"], (scope.endedAt - time) / 1000)
  })
})

describe("a subscription's span", () => {
  it.each([
    ["broken", "handler", "scope handler"],
    ["fixed", "connection", "scope connection"],
  ] as const)("of %s says that %s owns and released it", (variant, owner, scope) => {
    const bus = read(variant, "subscription bus")
    const { spanId } = read(variant, scope)
    deepStrictEqual(pick(bus.attributes, "effect.subscription.owner", "effect.scope.span_id"), [
      owner,
      spanId,
    ])
    strictEqual(eventOf(bus, "subscription.released").attributes["effect.scope.span_id"], spanId)
  })

  it("of literal says that its owner is outside of the exchange", () => {
    deepStrictEqual(
      pick(
        read("literal", "subscription bus").attributes,
        "effect.subscription.owner",
        "effect.subscription.owner.outside_exchange",
      ),
      ["application", true],
    )
  })

  it("names its PubSub, and counts what that published and what it delivered", () => {
    deepStrictEqual(
      pick(
        read("fixed", "subscription bus").attributes,
        "effect.lifetime.kind",
        "effect.pubsub.name",
        "effect.pubsub.capacity",
        "effect.pubsub.published",
        "effect.subscription.delivered",
        "effect.subscription.backlog.max",
      ),
      ["subscription", "bus", 1024, 1, 1, 1],
    )
  })

  it.each([
    ["broken", ["subscription.released"]],
    ["fixed", ["subscription.first_event", "subscription.released"]],
    [
      "literal",
      ["subscription.first_event", "subscription.unread_publish", "subscription.released"],
    ],
  ] as const)("of %s tells what happened to it", (variant, names) => {
    deepStrictEqual(eventNames(read(variant, "subscription bus")), names)
  })

  it("has the released event where it ends", () => {
    const bus = read("fixed", "subscription bus")
    strictEqual(eventOf(bus, "subscription.released").time, bus.endedAt)
  })
})

describe("a stream's span", () => {
  it.each([
    ["broken", "released", "success", 1],
    ["actual", "failure", "failure", 1],
    ["literal", "client", "interrupt", 2],
    ["fixed", "client", "interrupt", 2],
  ] as const)("of %s says that it ended by %s with %s", (variant, endedBy, exit, events) => {
    const stream = read(variant, "stream event")
    deepStrictEqual(
      pick(
        stream.attributes,
        "effect.lifetime.kind",
        "effect.stream.name",
        "effect.stream.ended_by",
        "effect.stream.events",
      ),
      ["stream", "event", endedBy, events],
    )
    const { attributes, time } = eventOf(stream, "stream.end")
    deepStrictEqual(pick(attributes, "effect.exit", "effect.stream.ended_by"), [exit, endedBy])
    strictEqual(time, stream.endedAt)
  })

  it.each(variantNames)("of %s tells of its first event", (variant) => {
    strictEqual(eventNames(read(variant, "stream event"))[0], "stream.first_event")
  })

  it("of broken names the subscription whose release ended it", () => {
    const { spanId } = read("broken", "subscription bus")
    const stream = read("broken", "stream event")
    strictEqual(eventOf(stream, "stream.end").attributes["effect.resource.span_id"], spanId)
    deepStrictEqual(stream.attributes["effect.stream.reads"], [spanId])
  })

  it("of actual names the error that ended it", () => {
    const { attributes } = eventOf(read("actual", "stream event"), "stream.end")
    deepStrictEqual(pick(attributes, "exception.type", "exception.message"), [
      "Error",
      "Service not found: instance",
    ])
  })

  it.each(variantNames)("of %s has the status of what happened to itself", (variant) => {
    const { attributes, status } = read(variant, "stream event")
    deepStrictEqual([attributes["lifetime.finding"], status.code], [undefined, "unset"])
  })
})

describe("a client span", () => {
  it.each([
    ["broken", "server", 0],
    ["actual", "error", 0],
    ["literal", "client", 1],
    ["fixed", "client", 1],
  ] as const)("of %s says that it was ended by the %s", (variant, endedBy, events) => {
    const client = read(variant, "client GET /event")
    deepStrictEqual(pick(client.attributes, "client.ended_by", "client.events"), [endedBy, events])
    strictEqual(eventOf(client, "client.end").attributes["client.ended_by"], endedBy)
  })

  it.each(variantNames)("of %s tells of its first byte and its first event", (variant) => {
    deepStrictEqual(eventNames(read(variant, "client GET /event")).slice(0, 3), [
      "client.first_byte",
      "client.first_event",
      "client.end",
    ])
  })

  it("is in error where its stream was broken off, and only there", () => {
    deepStrictEqual(
      variantNames.filter((variant) => read(variant, "client GET /event").status.code === "error"),
      ["actual"],
    )
  })

  it("of a client that left ends the server's spans with one exit", () => {
    const exits = traces.fixed.spans.flatMap(({ events }) =>
      events.flatMap(({ attributes }) => attributes["effect.exit"] ?? []),
    )
    deepStrictEqual([...new Set(exits)], ["interrupt"])
  })
})

const found = [
  ["broken", "scope-closed-early", "scope handler"],
  ["actual", "context-lost", "stream event"],
  ["literal", "subscription-leak", "subscription bus"],
] as const

describe("a finding", () => {
  it.each(found)("of %s is one span, in error with its sentence", (variant, rule) => {
    const { attributes, status } = read(variant, `finding ${rule}`)
    deepStrictEqual(status, { code: "error", message: attributes["lifetime.message"] })
  })

  it.each(found)("of %s says its rule, what it is about and how to fix it", (variant, rule, by) => {
    const { attributes } = read(variant, `finding ${rule}`)
    deepStrictEqual(
      pick(
        attributes,
        "effect.lifetime.kind",
        "lifetime.finding",
        "error.type",
        "lifetime.severity",
        "lifetime.confidence",
        "lifetime.operation",
        "lifetime.page",
      ),
      ["finding", rule, rule, "error", "certain", by, `docs/rules/${rule}.md`],
    )
    match(String(attributes["lifetime.fix"]), /\w/)
  })

  it("of broken lasts from the scope's closing to the end of the stream", () => {
    const { startedAt, endedAt } = read("broken", "finding scope-closed-early")
    strictEqual(startedAt, eventOf(read("broken", "scope handler"), "scope.close").time)
    strictEqual(endedAt, read("broken", "stream event").endedAt)
  })

  it("of literal lasts from the end of the exchange to when it was told", () => {
    const { startedAt, endedAt } = read("literal", "finding subscription-leak")
    strictEqual(startedAt, read("literal", "GET /event").endedAt)
    strictEqual(endedAt > startedAt, true)
  })

  it("of actual is of no length", () => {
    const { startedAt, endedAt } = read("actual", "finding context-lost")
    strictEqual(startedAt, endedAt)
  })
})

describe("a recorded trace", () => {
  it.each(variantNames)("of %s holds no payload of any event", (variant) => {
    const text = JSON.stringify([traces[variant].spans, traces[variant].others])
    for (const payload of ["message.completed", "session.idle", "server.connected", "evt_"]) {
      strictEqual(text.includes(payload), false, payload)
    }
  })
})
