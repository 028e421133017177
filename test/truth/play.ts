import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import { layerTelemetry } from "../../otel/index.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import type { LifetimeRegistry } from "../../otel/instrument/records/registry.ts"
import { type Observation, Witness } from "../../otel/instrument/witness.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { fromMillis } from "../../otel/lifetimes/time.ts"
import { guarded, LifetimeError } from "../../otel/testing/index.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import type { Collector } from "./collector.ts"
import type { Plan } from "./plan.ts"
import { programOf } from "./program.ts"
import { Run } from "./run.ts"
import { grace, patience } from "./timing.ts"

/** What became of one run of a program. */
export interface Outcome {
  readonly run: Run
  /** Fibers of it that were still running after its end. */
  readonly fibers: number
  /** What was held after its end. */
  readonly heldAfter: ReadonlyArray<string>
  /** With what the program failed. */
  readonly failure: string | undefined
}

/** A run, and what was found in it. */
export interface Judged<Said> extends Outcome {
  readonly said: Said
}

/** What a Layer found, as it knows it and as `diagnose` reads it out of the spans that left: names of rules. */
export interface LayerFindings {
  readonly registry: ReadonlyArray<string>
  readonly spans: ReadonlyArray<string>
}

/** Counts the live fibers of a program as the runtime tells of them. */
class FiberCount {
  live = 0
  readonly service: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: () => {
      this.live++
    },
    recordFiberEnd: () => {
      this.live--
    },
  }
}

/** Runs the program without anything of Scopeline around it. */
export const playBare = (plan: Plan): Promise<Outcome> => {
  const run = new Run()
  return play(run, Effect.scoped(programOf(plan, run)), () => Effect.void)
}

/** Runs it as a test does. */
export const playGuarded = (plan: Plan): Promise<Judged<LifetimeError | undefined>> => {
  const run = new Run()
  return play(run, guarded({ grace })(programOf(plan, run)), (exit) =>
    Effect.succeed(lifetimeErrorIn(exit)),
  )
}

/** Runs it as a program does that sends its spans to a collector. */
export const playLayered = (plan: Plan, collector: Collector): Promise<Judged<LayerFindings>> => {
  const run = new Run()
  const path = collector.path()
  const witness = new Exchanges()
  const url = collector.url(path)
  const settings = { ...isolatedSettings(url, "truth"), endpoint: { url, exact: true } }
  const program = Effect.scoped(
    Effect.gen(function* () {
      const telemetry = yield* buildAlone(layerTelemetry(settings, { grace })).pipe(
        Effect.provideService(Witness, witness),
      )
      yield* Effect.provideContext(Effect.scoped(programOf(plan, run)), telemetry)
    }),
  )
  return play(run, program, () =>
    Effect.map(collector.take(path), (spans) => ({
      registry: witness.rules,
      spans: diagnose(spans, { grace: fromMillis(grace) }).findings.map(({ rule }) => rule),
    })),
  )
}

/** What a Layer records, and the rules that held of it. */
class Exchanges implements Observation {
  readonly #exchanges: Array<ExchangeRecord> = []
  readonly #registries: Array<LifetimeRegistry> = []

  get rules(): ReadonlyArray<string> {
    const orphans = this.#registries.flatMap((registry) => [...registry.orphans])
    return [
      ...this.#exchanges.flatMap(({ matches }) => matches.map(({ rule }) => rule)),
      ...orphans.flatMap(({ match }) => match ?? []).map(({ rule }) => rule),
    ]
  }

  readonly recording = (registry: LifetimeRegistry): void => {
    this.#registries.push(registry)
  }

  readonly begun = (exchange: ExchangeRecord): void => {
    this.#exchanges.push(exchange)
  }

  readonly clientEnded = (): void => {}
}

const play = async <Said>(
  run: Run,
  program: Effect.Effect<unknown, unknown>,
  listen: (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<Said>,
): Promise<Judged<Said>> => {
  const count = new FiberCount()
  // In a fiber of its own: its children end with it.
  const exit = await Effect.runPromiseExit(
    Effect.provideService(program, Metric.FiberRuntimeMetrics, count.service),
  )
  await untilQuiet(() => count.live === 0)
  await untilQuiet(() => [...run.stayed].every((client) => run.hasEnded(client)))
  const outcome = {
    run,
    fibers: count.live,
    heldAfter: run.ledger.held.map(({ what, client }) => `${what} of client ${client}`),
    failure: failureIn(exit),
    said: await Effect.runPromise(listen(exit)),
  }
  for (const { leave } of run.clients.values()) leave()
  await Effect.runPromise(Effect.all(run.cleaning, { concurrency: "unbounded" }))
  return outcome
}

const stepMillis = 5

/** What ends with the program may take a moment. */
const untilQuiet = async (isQuiet: () => boolean): Promise<void> => {
  for (let waited = 0; !isQuiet() && waited < patience; waited += stepMillis) {
    await new Promise((resolve) => setTimeout(resolve, stepMillis))
  }
}

const lifetimeErrorIn = (exit: Exit.Exit<unknown, unknown>): LifetimeError | undefined => {
  if (exit._tag === "Success") return undefined
  for (const reason of exit.cause.reasons) {
    if (reason._tag === "Fail" && reason.error instanceof LifetimeError) return reason.error
  }
  return undefined
}

const failureIn = (exit: Exit.Exit<unknown, unknown>): string | undefined => {
  if (exit._tag === "Success") return undefined
  const own = exit.cause.reasons.filter(
    (reason) => reason._tag !== "Fail" || !(reason.error instanceof LifetimeError),
  )
  return own.length === 0 ? undefined : own.map((reason) => JSON.stringify(reason)).join()
}
