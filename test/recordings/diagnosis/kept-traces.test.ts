import { describe, expect, it } from "vitest"
import { cpuMillis } from "../../../bench/usage.ts"
import { HTTP_CONTENT_TYPE, HTTP_ROUTE, LIFETIME_KIND } from "../../../otel/attributes.ts"
import { defaultGrace } from "../../../otel/lifetimes/diagnose.ts"
import { judgeTrace } from "../../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { openKind } from "../../../otel/lifetimes/spans/open.ts"
import { traceOf } from "../../../otel/lifetimes/trace.ts"
import { KeptTraces } from "../../../src/recordings/diagnosis/kept-traces.ts"
import { at } from "../../lifetimes/exchange.ts"
import { broken, fixed, leftBehind, renamed, server, span, traceId } from "../../lifetimes/spans.ts"

const moment = { now: at(20_000), grace: defaultGrace, final: true }

const keeping = (
  traces: ReadonlyArray<ReadonlyArray<Span>>,
  limits: ConstructorParameters<typeof KeptTraces>[0] = {},
): KeptTraces => {
  const kept = new KeptTraces(limits)
  for (const spans of traces) {
    const trace = traceOf(spans)
    kept.add(trace, judgeTrace(trace, moment), spans.length * 100)
  }
  return kept
}

const idsOf = ({ traces }: KeptTraces) => traces.map((trace) => trace.traceId)

const named = (...numbers: ReadonlyArray<number>) =>
  numbers.map((number) => traceId(`trace ${number}`))

const request = (route: string): ReadonlyArray<Span> => [
  server([-1, 1], { [HTTP_ROUTE]: route, [HTTP_CONTENT_TYPE]: ["text/plain"] }),
]

const work = [span("work", [-2, 1])]

describe("the traces that are kept to be drawn", () => {
  it("are the first five examples of each finding, and of each route the first five without one", () => {
    const each = (spans: ReadonlyArray<Span>, from: number) =>
      Array.from({ length: 7 }, (_, number) => renamed(spans, from + number))
    const kept = keeping([
      ...each(fixed, 0),
      ...each(broken, 10),
      ...each(request("/health"), 20),
      ...each(work, 30),
    ])
    const first = [0, 1, 2, 3, 4]
    expect(idsOf(kept)).toEqual([
      // The work began before the others.
      ...named(...first.map((number) => number + 30)),
      ...[0, 10, 20].flatMap((from) => named(...first.map((number) => number + from))),
    ])
  })

  it("are the same in whatever order traces come", () => {
    const traces = [
      renamed(broken, 5),
      renamed(fixed, 4),
      renamed(fixed, 3),
      renamed(broken, 2),
      renamed(work, 1),
    ]
    const all = named(1, 2, 3, 4, 5)
    expect(idsOf(keeping(traces))).toEqual(all)
    expect(idsOf(keeping(traces.toReversed()))).toEqual(all)
    for (const count of [4, 3, 2, 1]) {
      const kept = idsOf(keeping(traces, { traces: count }))
      expect(kept).toHaveLength(count)
      expect(idsOf(keeping(traces.toReversed(), { traces: count }))).toEqual(kept)
    }
  })

  it("are rather those of a stream that ended than of one that is open", () => {
    const open = [server([0])]
    const one = { examples: 1 }
    expect(idsOf(keeping([renamed(open, 1), renamed(fixed, 2)], one))).toEqual(named(2))
    expect(idsOf(keeping([renamed(open, 1)]))).toEqual(named(1))
  })

  it("are those of findings first, and those without an exchange last, where there is no room", () => {
    const traces = [
      renamed(work, 0),
      renamed(request("/health"), 1),
      renamed(fixed, 2),
      renamed(broken, 3),
    ]
    expect(idsOf(keeping(traces, { traces: 3 }))).toEqual(named(1, 2, 3))
    expect(idsOf(keeping(traces, { traces: 2 }))).toEqual(named(2, 3))
    expect(idsOf(keeping(traces, { traces: 1 }))).toEqual(named(3))
    expect(idsOf(keeping(traces, { spans: 12 }))).toEqual(named(2, 3))
    expect(idsOf(keeping(traces, { bytes: 600 }))).toEqual(named(3))
  })

  it("are the first example of each before a second one of any, where there is no room", () => {
    const traces = [
      renamed(broken, 1),
      renamed(broken, 2),
      renamed(broken, 3),
      renamed(fixed, 4),
      renamed(request("/health"), 5),
      renamed(request("/health"), 6),
    ]
    expect(idsOf(keeping(traces, { traces: 4 }))).toEqual(named(1, 2, 4, 5))
    expect(idsOf(keeping(traces, { traces: 3 }))).toEqual(named(1, 4, 5))
  })

  it("are found as fast where each trace has a route of its own, the latest first", () => {
    const traces = Array.from({ length: 8_000 }, (_, number) =>
      renamed([server([8_000 - number, 8_001 - number], { [HTTP_ROUTE]: `/${number}` })], number),
    )
    const begin = cpuMillis()
    expect(keeping(traces).traces).toHaveLength(1_000)
    expect(cpuMillis() - begin).toBeLessThan(1_500)
  })

  it("are those of a finding about the program too, which has no exchange", () => {
    expect(idsOf(keeping([renamed(work, 1), renamed(leftBehind, 2)], { traces: 1 }))).toEqual(
      named(2),
    )
  })

  it("have their spans in order of time, each once", () => {
    const [trace] = keeping([[...broken.toReversed(), ...broken]]).traces
    expect(trace?.spans.map(({ name }) => name)).toEqual([
      "client",
      "server",
      "request",
      "handler",
      "bus",
      "stream",
    ])
    expect(trace?.exchanges.map(({ matches }) => matches.map(({ rule }) => rule))).toEqual([
      ["scope-closed-early"],
    ])
  })

  it("have the span that a marker tells of instead of the marker", () => {
    const marker = span("open GET /event", [0, 1_000], {
      below: "server",
      attributes: { [LIFETIME_KIND]: openKind, [HTTP_ROUTE]: "/event" },
    })
    const [open] = keeping([[marker]]).traces
    expect(open?.spans).toMatchObject([{ spanId: marker.parentSpanId, kind: "server" }])
    expect(open?.spans[0]?.attributes["effect.exchange.parent_span_id"]).toBeUndefined()
    expect(open?.exchanges).toHaveLength(1)
    const [ended] = keeping([[...fixed, marker]]).traces
    expect(ended?.spans).toHaveLength(fixed.length)
  })

  it("are cut where one alone is too large, but for what its findings speak of", () => {
    const late = broken.map((one) => ({ ...one, startedAt: one.startedAt + 1_000_000 }))
    const many = Array.from({ length: 50 }, (_, number) =>
      span(`work ${number}`, [number, number + 1], {
        spanId: number.toString(16).padStart(16, "a"),
      }),
    )
    const kept = keeping([[...many, ...late]], { spans: 10 })
    const names = kept.traces.flatMap(({ spans }) => spans.map(({ name }) => name))
    expect(names).toHaveLength(10)
    expect(names).toEqual(expect.arrayContaining(["server", "handler", "bus", "stream"]))
    expect(kept.traces[0]?.exchanges).toHaveLength(1)
    expect(kept.leftOut).toBe(46)
  })
})
