import * as Effect from "effect/Effect"
import { CutOffListener } from "../../otel/export/cut-off.ts"
import { layerTelemetry } from "../../otel/index.ts"
import { diagnose, type Judged } from "../../otel/lifetimes/diagnose.ts"
import { type Finding, groupFindings } from "../../otel/lifetimes/finding.ts"
import { judgeProgram } from "../../otel/lifetimes/judge.ts"
import type { CutOff } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { Receiver } from "../collector/receiver.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../probe/isolated.ts"
import type { Scenario, Variant } from "./scenario.ts"
import { Collector, grace } from "./stage.ts"

/** What became of one variant of a scenario. */
export interface Played {
  readonly scenario: Scenario
  readonly variant: Variant
  readonly findings: ReadonlyArray<Finding>
  /** The rules that it is there to show. */
  readonly expected: ReadonlyArray<string>
  readonly asExpected: boolean
  /** Each exchange with what was found about it, in order of their beginning. */
  readonly exchanges: ReadonlyArray<Judged>
  readonly spans: ReadonlyArray<Span>
}

const service = "scenario"

/** Runs one variant under the library, with its spans going over OTLP to the collector, and judges it. */
export const runScenario = Effect.fnUntraced(function* (scenario: Scenario, variant: Variant) {
  const receiver = yield* Receiver
  const store = yield* TraceStore
  let cutOff: CutOff | undefined
  yield* play(scenario, variant, receiver.url).pipe(
    Effect.provideService(CutOffListener, (known) => {
      cutOff = known
    }),
  )
  const traces = yield* Effect.forEach(yield* store.traces, store.trace)
  return judgePlayed(scenario, variant, traces.flat(), cutOff)
})

const play = (scenario: Scenario, variant: Variant, collector: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const settings = isolatedSettings(collector, service)
      const telemetry = yield* buildAlone(
        layerTelemetry(settings, { grace: grace.micros, markOpen: true }),
      )
      yield* Effect.scoped(scenario[variant]).pipe(
        Effect.provideService(Collector, collector),
        Effect.provideContext(telemetry),
      )
    }),
  )

const judgePlayed = (
  scenario: Scenario,
  variant: Variant,
  spans: ReadonlyArray<Span>,
  cutOff: CutOff | undefined,
): Played => {
  const diagnosis = diagnose(spans, { grace: grace.micros })
  const program = { service, endedAt: cutOff?.closedAt, orphans: [], cutOff }
  const moment = { now: cutOff?.closedAt ?? 0, grace: grace.micros, final: true }
  const findings = [...diagnosis.findings, ...groupFindings(judgeProgram(program, moment))]
  const expected = variant === "broken" ? [scenario.rule.name] : []
  return {
    scenario,
    variant,
    findings,
    expected,
    asExpected: findings.map(({ rule }) => rule).join() === expected.join(),
    exchanges: diagnosis.exchanges,
    spans,
  }
}
