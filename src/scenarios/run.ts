import * as Effect from "effect/Effect"
import { CutOffListener } from "../../otel/export/cut-off.ts"
import { layerTelemetry } from "../../otel/index.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { fromDuration } from "../../otel/lifetimes/duration.ts"
import { type Finding, groupFindings } from "../../otel/lifetimes/finding.ts"
import { judgeProgram } from "../../otel/lifetimes/judge.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { CutOff } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { layerEmbedded, Receiver } from "../collector/receiver.ts"
import { TraceStore } from "../collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../probe/isolated.ts"
import type { Play, Scenario, Variant } from "./scenario.ts"
import { Collector, grace } from "./stage.ts"

/** What a program did, and what was found in it. */
export interface PlayOutcome {
  readonly findings: ReadonlyArray<Finding>
  /** Each exchange with what was found about it, in order of their beginning. */
  readonly exchanges: ReadonlyArray<JudgedExchange>
  readonly spans: ReadonlyArray<Span>
}

/** What became of one variant of a scenario. */
export interface ScenarioRun extends PlayOutcome {
  readonly scenario: Scenario
  readonly variant: Variant
  /** The rules that it is there to show. */
  readonly expected: ReadonlyArray<string>
  readonly asExpected: boolean
}

const service = "scenario"

export const runScenario = Effect.fnUntraced(function* (scenario: Scenario, variant: Variant) {
  const outcome = yield* runPlay(scenario[variant])
  const expected = variant === "broken" ? [scenario.rule.name] : []
  const asExpected = outcome.findings.map(({ rule }) => rule).join() === expected.join()
  const played: ScenarioRun = { ...outcome, scenario, variant, expected, asExpected }
  return played
})

/** Runs a program under the library, with its spans going over OTLP to a collector, and judges it. */
export const runPlay = (play: Play): Effect.Effect<PlayOutcome, unknown> =>
  Effect.gen(function* () {
    const receiver = yield* Receiver
    const store = yield* TraceStore
    let cutOff: CutOff | undefined
    yield* underTelemetry(play, receiver.url).pipe(
      Effect.provideService(CutOffListener, (known) => {
        cutOff = known
      }),
    )
    const traces = yield* Effect.forEach(yield* store.traces, store.trace)
    return outcomeOf(traces.flat(), cutOff)
  }).pipe(Effect.provide(layerEmbedded, { local: true }))

const underTelemetry = (play: Play, collector: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const settings = isolatedSettings(collector, service)
      const telemetry = yield* buildAlone(layerTelemetry(settings, { grace, markOpen: true }))
      yield* Effect.scoped(play).pipe(
        Effect.provideService(Collector, collector),
        Effect.provideContext(telemetry),
      )
    }),
  )

const outcomeOf = (spans: ReadonlyArray<Span>, cutOff: CutOff | undefined): PlayOutcome => {
  const diagnosis = diagnose(spans, { grace: fromDuration(grace) })
  const program = { service, endedAt: cutOff?.closedAt, orphans: [], cutOff }
  const moment = { now: cutOff?.closedAt ?? 0, grace: fromDuration(grace), final: true }
  return {
    findings: [...diagnosis.findings, ...groupFindings(judgeProgram(program, moment))],
    exchanges: diagnosis.exchanges,
    spans,
  }
}
