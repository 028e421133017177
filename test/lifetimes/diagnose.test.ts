import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as A from "../../otel/attributes.ts"
import { type DiagnoseOptions, type Diagnosis, diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { findingSpan } from "../../otel/lifetimes/spans/finding.ts"
import { at } from "./exchange.ts"
import {
  bound,
  broken,
  event,
  fixed,
  leaking,
  leftBehind,
  orphaned,
  renamed,
  scopeSpan,
  server,
  slow,
  span,
  spanId,
  starved,
  streamSpan,
  subscriptionSpan,
  unclosed,
} from "./spans.ts"

const rulesOf = ({ findings }: Diagnosis) =>
  findings.map(({ rule, confidence }) => [rule, confidence])

const rulesIn = (spans: Iterable<Span>, options?: DiagnoseOptions) =>
  rulesOf(diagnose(spans, options))

const everything = [...broken, ...renamed(fixed, 1), ...renamed(leaking, 2), ...renamed(broken, 3)]

describe("a program that had stopped before another of the same recording", () => {
  const sentBy = (instance: string, spans: ReadonlyArray<Span>) =>
    spans.map((it) => ({ ...it, resource: { ...it.resource, [A.SERVICE_INSTANCE_ID]: instance } }))

  /** Its fiber was open when it stopped at 10 s. */
  const first = sentBy("first", orphaned)
  const second = sentBy("second", renamed([server([60_000, 60_100])], 1))

  it("is judged at its own end", () => {
    const message = (spans: ReadonlyArray<Span>) => diagnose(spans).findings[0]?.message
    strictEqual(message([...first, ...second]), message(first))
  })

  it("is judged at its own end where that was soon", () => {
    const soon = first.map((it) => ({ ...it, endedAt: Math.min(it.endedAt, at(1_000)) }))
    deepStrictEqual(rulesIn([...soon, ...second]), [])
  })

  it("is judged when it is asked, where it is said when", () => {
    const soon = first.map((it) => ({ ...it, endedAt: Math.min(it.endedAt, at(1_000)) }))
    deepStrictEqual(rulesIn(soon, { now: at(10_000) }), [["orphan-fiber", "likely"]])
  })
})

const untoldOf = (attributes: Span["attributes"]): Span["attributes"] =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== A.SCOPE_BELONGS_TO))

describe("diagnosing spans", () => {
  it("finds a scope that closed early", () => {
    deepStrictEqual(rulesIn(broken), [["scope-closed-early", "certain"]])
  })

  it("finds a subscription that leaks", () => {
    deepStrictEqual(rulesIn(leaking), [["subscription-leak", "certain"]])
  })

  it.each([
    ["request-scope-leak", unclosed, [["request-scope-leak", "certain"]]],
    ["orphan-fiber", orphaned, [["orphan-fiber", "likely"]]],
    ["orphan-fiber of the program", leftBehind, [["orphan-fiber", "likely"]]],
    [
      "late-subscription and slow-consumer",
      slow,
      [
        ["late-subscription", "likely"],
        ["slow-consumer", "certain"],
      ],
    ],
    ["starved-stream", starved, [["starved-stream", "likely"]]],
    ["upstream-bound-to-first-consumer", bound, [["upstream-bound-to-first-consumer", "certain"]]],
  ])("finds %s", (_, spans, expected) => {
    deepStrictEqual(rulesIn(spans), expected)
  })

  it("blames no other exchange if the recording does not say whose scope released what the stream read", () => {
    const untold = bound.map((it) => ({
      ...it,
      events: it.events.map((event) => ({ ...event, attributes: untoldOf(event.attributes) })),
    }))
    deepStrictEqual(rulesIn(untold), [])
  })

  it("finds nothing in a healthy trace", () => {
    deepStrictEqual(rulesIn(fixed), [])
  })

  it("finds nothing in no spans, and says that nothing could be judged", () => {
    const { traces, spans, exchangesJudged, findings, notes } = diagnose([])
    deepStrictEqual([traces, spans, exchangesJudged, findings], [0, 0, 0, []])
    match(notes.join(), /^No server span was found/)
  })

  it("counts traces, spans and exchanges, each span once", () => {
    const { traces, spans, exchangesJudged, exchangesOpen } = diagnose([...everything, ...broken])
    deepStrictEqual([traces, spans, exchangesJudged, exchangesOpen], [4, 23, 4, 0])
  })

  it("counts an exchange that is open apart, and says that it could not be judged", () => {
    const { exchangesJudged, exchangesOpen, notes } = diagnose([server([0]), ...renamed(fixed, 1)])
    deepStrictEqual([exchangesJudged, exchangesOpen], [1, 1])
    deepStrictEqual(notes, [
      "1 exchange had not ended when the spans were taken and could not be judged.",
    ])
  })

  it("finds one bug of a thousand connections once, with a count and five examples", () => {
    const many = Array.from({ length: 1_000 }, (_, number) => renamed(broken, number)).flat()
    deepStrictEqual(
      diagnose(many).findings.map(({ count, examples }) => [count, examples.length]),
      [[1_000, 5]],
    )
  })

  it("finds the same bug on two routes twice", () => {
    const other = renamed(broken, 1).map((it) =>
      it.kind === "server"
        ? { ...it, attributes: { ...it.attributes, [A.HTTP_ROUTE]: "/other" } }
        : it,
    )
    deepStrictEqual(
      diagnose([...broken, ...other]).findings.map(({ route }) => route),
      ["GET /event", "GET /other"],
    )
  })

  it("takes the last moment that any span tells of as now", () => {
    const recent = leaking.filter(({ name }) => name !== "bus")
    const held = subscriptionSpan("application", [0.3], { below: "request" })
    deepStrictEqual(rulesIn([...recent, { ...held, endedAt: at(1_000) }]), [])
    deepStrictEqual(rulesIn([...recent, { ...held, endedAt: at(1_200) }]), [
      ["subscription-leak", "likely"],
    ])
  })

  it("judges at the moment and with the grace period that it is given", () => {
    deepStrictEqual(rulesIn(leaking, { now: at(500) }), [])
    deepStrictEqual(rulesIn(leaking, { now: at(500), grace: 100_000 }), [
      ["subscription-leak", "certain"],
    ])
  })

  it("does not mistake one service's lifetimes for another's in a trace of both", () => {
    const gateway = span("gateway", [-5, 5], {
      kind: "server",
      attributes: { [A.HTTP_METHOD]: "GET", [A.HTTP_ROUTE]: "/api" },
      resource: { [A.SERVICE_NAME]: "gateway" },
    })
    deepStrictEqual(
      diagnose([gateway, ...broken]).findings.map(({ service, route }) => [service, route]),
      [["test", "GET /event"]],
    )
  })

  it("is not held up by parents that go in circles", () => {
    const circular = broken.map((it) =>
      it.name === "request" ? { ...it, parentSpanId: spanId("handler") } : it,
    )
    deepStrictEqual(rulesIn(circular), [["scope-closed-early", "certain"]])
  })
})

const recordedLeak = (operation: string): Span => {
  const match: Match = {
    rule: "subscription-leak",
    severity: "error",
    confidence: "certain",
    service: "test",
    route: "GET /event",
    operation,
    message: `${operation} leaks`,
    evidence: { resource: operation, "readers.ended_ms": 3.5, "survived.publish": true },
    suggestion: "",
    code: undefined,
    exchange: { traceId: "", spanId: "" },
    stream: undefined,
    spanIds: [spanId(operation)],
  }
  const told = { ...match, code: undefined, evidenceSpans: [], causedBefore: undefined }
  const found = span(`${operation} finding`, [500, 500], { below: "server" })
  return { ...found, attributes: findingSpan.write(told, found).attributes }
}

describe("a finding that the program recorded", () => {
  it("is found where the spans do not show it", () => {
    const [finding] = diagnose([server([0, 3]), recordedLeak("subscription bus")]).findings
    deepStrictEqual(
      [finding?.rule, finding?.confidence, finding?.message, finding?.operation],
      ["subscription-leak", "certain", "subscription bus leaks", "subscription bus"],
    )
    deepStrictEqual(finding?.evidence, {
      resource: "subscription bus",
      "readers.ended_ms": 3.5,
      "survived.publish": true,
    })
  })

  it("is told with the traces that it names and that had not been sent", () => {
    const leak = recordedLeak("subscription bus")
    const naming = {
      ...leak,
      attributes: { ...leak.attributes, [A.EVIDENCE_NOT_SENT]: "abc def" },
    }
    deepStrictEqual(diagnose([server([0, 3]), naming]).notes, [
      "2 spans name a trace that had not been sent by then: abc (1), def (1). The sampler of the " +
        "program may have left it out.",
    ])
  })

  it("is one with the same that is recomputed", () => {
    const recorded = recordedLeak("subscription bus")
    const same = {
      ...recorded,
      attributes: { ...recorded.attributes, "lifetime.span_ids": [spanId("bus")] },
    }
    deepStrictEqual(
      diagnose([...leaking, same]).findings.map(({ count }) => count),
      [1],
    )
  })

  it("is one where several spans of the exchange tell of it", () => {
    const recorded = recordedLeak("subscription bus")
    deepStrictEqual(
      diagnose([
        server([0, 3]),
        recorded,
        { ...recorded, spanId: spanId("told again") },
      ]).findings.map(({ count }) => count),
      [1],
    )
  })

  it("has the rule's own suggestion", () => {
    const [finding] = diagnose([server([0, 3]), recordedLeak("subscription bus")]).findings
    match(finding?.suggestion ?? "", /Scope\.fork/)
  })

  it("is read from the event of a stream's span too", () => {
    const { attributes } = recordedLeak("stream event")
    const stream = streamSpan([1, 2], "upstream", {}, "server")
    const told = { ...stream, events: [...stream.events, event(A.FINDING_EVENT, 2, attributes)] }
    strictEqual(diagnose([server([0, 3]), told]).findings[0]?.operation, "stream event")
  })

  it("comes in the order of time, whatever the order in which spans come", () => {
    const one = { ...recordedLeak("one"), startedAt: at(10), endedAt: at(10) }
    const other = { ...recordedLeak("other"), startedAt: at(20), endedAt: at(20) }
    const findings = diagnose([server([0, 3]), one, other]).findings
    deepStrictEqual(diagnose([other, one, server([0, 3])]).findings, findings)
  })

  it("is left out where rule or sentence are missing", () => {
    const { [A.FINDING_MESSAGE]: _, ...attributes } = recordedLeak("subscription bus").attributes
    const silent = span("finding", [500, 500], { below: "server", attributes })
    deepStrictEqual(diagnose([server([0, 3]), silent]).findings, [])
  })
})

describe("a healthy trace", () => {
  it("is not certain to be broken when any span of it is lost", () => {
    for (const lost of fixed) {
      const { findings } = diagnose(fixed.filter((it) => it !== lost))
      deepStrictEqual(
        findings.filter(({ confidence }) => confidence === "certain"),
        [],
      )
    }
  })

  it("is not broken by a scope that nobody closed before the recording stopped", () => {
    const open = scopeSpan("layer", "layer", [0.2], "request")
    deepStrictEqual(rulesIn([...fixed, open]), [])
  })
})
