import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import { JudgedRoutes } from "../../otel/lifetimes/judged-routes.ts"
import { rules } from "../../otel/lifetimes/registry.ts"
import { telemetryCutOff } from "../../otel/lifetimes/rules/telemetry-cut-off.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { runScenario } from "../../src/scenarios/run.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { exchangesThatShow } from "../support/exchanges-that-show.ts"
import { expectFindingSpans } from "../support/finding-spans.ts"
import { tracesKept } from "../support/tail-sampling.ts"

describe("the catalogue", () => {
  it("has exactly one scenario for every rule, in the order of the rules", () => {
    expect(scenarios.map(nameOf)).toEqual(rules.map(({ name }) => name))
  })
})

describe.concurrent.each(variantNames)("the %s program of", (variant) => {
  it.live.each(scenarios.map((scenario) => ({ scenario, name: nameOf(scenario) })))(
    "$name shows what it is there to show",
    ({ scenario, name }) =>
      Effect.gen(function* () {
        for (let run = 0; run < inject("scenarioRuns"); run++) {
          const { findings, exchanges, spans } = yield* runScenario(scenario, variant)
          const sent = findings.filter(({ rule }) => rule !== telemetryCutOff.name)
          expectFindingSpans(spans, sent)
          const examples = sent.flatMap((finding) => finding.examples.map(({ traceId }) => traceId))
          const kept = [...tracesKept(spans)]
          if (variant === "fixed") expect(kept).toEqual([])
          else expect(kept).toEqual(expect.arrayContaining(examples))
          const found = findings.map(({ rule, count, message }) => ({ rule, count, message }))
          const expected = {
            rule: name,
            count: exchangesThatShow(name),
            message: expect.any(String),
          }
          expect(found, `run ${run + 1}`).toEqual(variant === "broken" ? [expected] : [])
          if (variant === "broken" || scenario.rule === telemetryCutOff) continue
          const routes = new JudgedRoutes()
          for (const { exchange } of exchanges) routes.add(exchange)
          const answered = routes.all.filter((route) => route.answered.has(name))
          expect(answered, "its silence says something").toHaveLength(1)
        }
      }),
  )
})
