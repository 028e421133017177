import { deepStrictEqual, strictEqual } from "node:assert"
import { beforeAll, describe, it } from "@effect/vitest"
import { variantNames } from "../../src/server/variant-name.ts"
import { throughJson } from "./json.ts"
import { type RecordedTraces, recordLeaving } from "./recorded-trace.ts"
import { spanOf, tree } from "./span-tree.ts"

let traces: RecordedTraces

beforeAll(async () => {
  traces = await recordLeaving()
})

const trees = {
  broken: [
    "client GET /event (client)",
    "  GET /event (server)",
    "    scope request",
    "      scope handler",
    "        subscription bus",
    "    finding scope-closed-early",
    "    stream event",
  ],
  actual: [
    "client GET /event (client)",
    "  GET /event (server)",
    "    scope request",
    "    stream event",
    "    finding context-lost",
  ],
  literal: [
    "client GET /event (client)",
    "  GET /event (server)",
    "    scope request",
    "      subscription bus",
    "    stream event",
    "    finding subscription-leak",
  ],
  fixed: [
    "client GET /event (client)",
    "  GET /event (server)",
    "    scope request",
    "      scope connection",
    "        subscription bus",
    "    stream event",
  ],
}

/** Where the application's scope is. */
const applicationOf = (variant: keyof typeof trees) =>
  traces[variant].others.filter((trace) => trace.some(({ name }) => name === "scope application"))

describe.each(variantNames)("the trace of %s", (variant) => {
  it("is the tree that a person reads", () => {
    deepStrictEqual(tree(throughJson(traces[variant].spans)), trees[variant])
  })

  it("contains the parent of every span but the client's", () => {
    const { spans } = traces[variant]
    const ids = new Set(spans.map(({ spanId }) => spanId))
    deepStrictEqual(
      spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? "")).map(({ name }) => name),
      ["client GET /event"],
    )
  })

  it("names the service alike, and tells the variant and the instance apart", () => {
    const { spans } = traces[variant]
    const servers = spans.filter(({ kind }) => kind !== "client")
    for (const { resource } of servers) {
      strictEqual(resource["service.name"], "scopeline-sse")
      strictEqual(resource["scopeline.variant"], variant)
    }
    strictEqual(new Set(servers.map(({ resource }) => resource["service.instance.id"])).size, 1)
  })

  it("leaves the application's scope to a trace of its own", () => {
    deepStrictEqual(applicationOf(variant).map(tree), [["scope application"]])
  })

  it("has no span of the server that ends before it begins, and no event outside of its span", () => {
    const servers = traces[variant].spans.filter(({ kind }) => kind !== "client")
    for (const { name, startedAt, endedAt, events } of servers) {
      strictEqual(startedAt <= endedAt, true, name)
      for (const event of events) {
        strictEqual(startedAt <= event.time && event.time <= endedAt, true, event.name)
      }
    }
  })

  it("leaves every other request a trace of its own, with one root", () => {
    for (const trace of traces[variant].others) {
      strictEqual(trace.filter(({ parentSpanId }) => parentSpanId === undefined).length, 1)
    }
  })
})

describe("a link", () => {
  it.each(["broken", "literal", "fixed"] as const)(
    "leads in %s from the stream to the subscription that it reads",
    (variant) => {
      const { spans } = traces[variant]
      const { traceId, spanId } = spanOf(spans, "subscription bus")
      deepStrictEqual(
        spanOf(spans, "stream event").links.map((link) => [link.traceId, link.spanId]),
        [[traceId, spanId]],
      )
    },
  )

  it("leads nowhere from a stream that read nothing", () => {
    deepStrictEqual(spanOf(traces.actual.spans, "stream event").links, [])
  })

  it("leads from the connection's scope to the application's", () => {
    const [application] = applicationOf("fixed").flat()
    deepStrictEqual(
      spanOf(traces.fixed.spans, "scope connection").links.map(({ spanId }) => spanId),
      [application?.spanId],
    )
  })

  it("leads from a subscription to its owner where that is no scope of the exchange", () => {
    const [application] = applicationOf("literal").flat()
    deepStrictEqual(
      spanOf(traces.literal.spans, "subscription bus").links.map((link) => [
        link.traceId,
        link.spanId,
      ]),
      [[application?.traceId, application?.spanId]],
    )
  })

  it("leads nowhere from a subscription whose owner is its parent", () => {
    for (const variant of ["broken", "fixed"] as const) {
      deepStrictEqual(spanOf(traces[variant].spans, "subscription bus").links, [])
    }
  })

  it.each([
    ["broken", "scope-closed-early", ["scope handler", "subscription bus", "stream event"]],
    ["actual", "context-lost", ["stream event"]],
    ["literal", "subscription-leak", ["subscription bus"]],
  ] as const)("leads in %s from the finding to all that it is about", (variant, rule, about) => {
    const { spans } = traces[variant]
    deepStrictEqual(
      spanOf(spans, `finding ${rule}`).links.map(({ spanId }) => spanId),
      about.map((name) => spanOf(spans, name).spanId),
    )
  })

  it("says what the span that it leads to has to do with it, and whether that was sent", () => {
    const told = (variant: keyof typeof trees, name: string) =>
      spanOf(traces[variant].spans, name).links.map(({ attributes }) => attributes)
    deepStrictEqual(told("broken", "finding scope-closed-early"), [
      { "lifetime.role": "cause" },
      { "lifetime.role": "released" },
      { "lifetime.role": "cut off" },
    ])
    deepStrictEqual(told("literal", "finding subscription-leak"), [
      { "lifetime.role": "left open", "lifetime.exported": false },
    ])
    deepStrictEqual(told("fixed", "stream event"), [{ "lifetime.role": "read" }])
    deepStrictEqual(told("fixed", "scope connection"), [
      { "lifetime.role": "owner", "lifetime.exported": false },
    ])
  })
})
