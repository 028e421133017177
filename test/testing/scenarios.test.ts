import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { guarded, LifetimeError } from "../../otel/testing/index.ts"
import { layerEmbedded } from "../../src/collector/embedded.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { type Play, variantNames } from "../../src/scenarios/scenario.ts"
import { Collector } from "../../src/scenarios/stage.ts"

/** What a guarded test of this program fails with: rules, and what is left open besides. */
const failureOf = (play: Play) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const program = Effect.as(Effect.provideService(play, Collector, url), undefined)
    return yield* program.pipe(
      guarded({ grace: "300 millis" }),
      Effect.catch((error) =>
        error instanceof LifetimeError ? Effect.succeed(error) : Effect.fail(error),
      ),
    )
  }).pipe(Effect.provide(layerEmbedded, { local: true }))

describe.concurrent.each(variantNames)("a guarded test of the %s program of", (variant) => {
  const outcome = variant === "broken" ? "fails with its rule" : "passes"
  it.live.each(scenarios.map((scenario) => ({ scenario, name: nameOf(scenario) })))(
    `$name ${outcome}`,
    ({ scenario, name }) =>
      Effect.gen(function* () {
        const failure = yield* failureOf(scenario[variant])
        expect(failure?.findings.map(({ rule }) => rule)).toEqual(
          variant === "broken" ? [name] : undefined,
        )
        expect(failure?.leftovers ?? []).toEqual([])
      }),
  )
})
