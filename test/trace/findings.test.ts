import { deepStrictEqual } from "node:assert"
import { beforeAll, describe, it } from "@effect/vitest"
import { type Diagnosis, diagnose } from "../../otel/lifetimes/diagnose.ts"
import { groupFindings } from "../../otel/lifetimes/finding.ts"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import { recordedFindings } from "../../otel/lifetimes/recorded.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { traces as tracesOf } from "../../otel/lifetimes/trace.ts"
import { variantNames } from "../../src/server/variant-name.ts"
import { throughJson } from "./json.ts"
import { grace, type RecordedTraces, recordLeaving } from "./recorded-trace.ts"

let traces: RecordedTraces

beforeAll(async () => {
  traces = await recordLeaving()
})

const expected = {
  broken: [["scope-closed-early", "certain", "scope handler"]],
  actual: [["context-lost", "certain", "stream event"]],
  literal: [["subscription-leak", "certain", "subscription bus"]],
  fixed: [],
}

const findingsIn = (spans: ReadonlyArray<Span>): Diagnosis["findings"] =>
  diagnose(spans, { grace }).findings

/** What the server itself said while it ran, and nothing that is recomputed. */
const saidLive = (spans: ReadonlyArray<Span>): Diagnosis["findings"] =>
  groupFindings(
    [...tracesOf(spans).values()].flatMap((trace) =>
      exchangesOf(trace).flatMap((exchange) =>
        [...trace.values()].flatMap((span) => recordedFindings(exchange, span)),
      ),
    ),
  )

/** The spans of a server that said nothing of findings. */
const unsaid = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> =>
  spans
    .filter(({ name }) => !name.startsWith("finding "))
    .map((span) => ({
      ...span,
      events: span.events.filter(({ name }) => name !== "lifetime.finding"),
      attributes: Object.fromEntries(
        Object.entries(span.attributes).filter(([key]) => !key.startsWith("lifetime.")),
      ),
    }))

describe.each(variantNames)("the findings of %s", (variant) => {
  it("are what the variant is there to show", () => {
    deepStrictEqual(
      findingsIn(traces[variant].spans).map(({ rule, confidence, operation }) => [
        rule,
        confidence,
        operation,
      ]),
      expected[variant],
    )
  })

  it("were said by the server while it ran", () => {
    deepStrictEqual(saidLive(traces[variant].spans), findingsIn(traces[variant].spans))
  })

  it("are the same recomputed from the collector's spans alone", () => {
    const { spans } = traces[variant]
    deepStrictEqual(findingsIn(unsaid(spans)), findingsIn(spans))
  })

  it("are the same from the spans as JSON", () => {
    const { spans } = traces[variant]
    deepStrictEqual(findingsIn(throughJson(spans)), findingsIn(spans))
    deepStrictEqual(findingsIn(throughJson(unsaid(spans))), findingsIn(spans))
  })

  it("are the same with everything else that the server sent", () => {
    const { spans, others } = traces[variant]
    deepStrictEqual(findingsIn([...others.flat(), ...spans]), findingsIn(spans))
  })
})

describe("the trace of a real server", () => {
  it.each(variantNames)("of %s is diagnosed alike in any order, twice over", (variant) => {
    const { spans } = traces[variant]
    const whole = diagnose(spans, { grace })
    for (const rotation of spans.keys()) {
      const turned = [...spans.slice(rotation), ...spans.slice(0, rotation)]
      for (const order of [turned, turned.toReversed(), [...turned, ...spans]]) {
        deepStrictEqual(diagnose(order, { grace }), whole)
      }
    }
  })

  it.each(variantNames)("of %s can be diagnosed with any of its spans lost", (variant) => {
    const { spans } = traces[variant]
    const rules: ReadonlyArray<string> = expected[variant].map(([rule = ""]) => rule)
    for (const left of withoutSome(spans)) {
      const found = findingsIn(left).filter(({ confidence }) => confidence === "certain")
      deepStrictEqual(
        found.filter(({ rule }) => !rules.includes(rule)),
        [],
      )
    }
  })

  it("of fixed is not said to be broken, not even likely, with any one span lost", () => {
    const { spans } = traces.fixed
    for (const lost of spans) {
      deepStrictEqual(findingsIn(spans.filter((span) => span !== lost)), [])
    }
  })
})

/** The spans without one of them, and without two. */
const withoutSome = (spans: ReadonlyArray<Span>): ReadonlyArray<ReadonlyArray<Span>> =>
  spans.flatMap((one) =>
    spans.map((other) => spans.filter((span) => span !== one && span !== other)),
  )
