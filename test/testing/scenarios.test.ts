import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { healthyPrograms } from "../healthy/programs.ts"
import { failureOfPlay } from "./guarded-play.ts"

describe.concurrent.each(variantNames)("a guarded test of the %s program of", (variant) => {
  const outcome = variant === "broken" ? "fails with its rule" : "passes"
  it.live.each(scenarios.map((scenario) => ({ scenario, name: nameOf(scenario) })))(
    `$name ${outcome}`,
    ({ scenario, name }) =>
      Effect.gen(function* () {
        const failure = yield* failureOfPlay(scenario[variant])
        expect(failure?.findings.map(({ rule }) => rule)).toEqual(
          variant === "broken" ? [name] : undefined,
        )
        expect(failure?.leftovers ?? []).toEqual([])
      }),
  )
})

describe.concurrent("a guarded test passes of a program in which", () => {
  it.live.each(healthyPrograms)("$title", ({ play }) =>
    Effect.gen(function* () {
      expect((yield* failureOfPlay(play))?.message).toBeUndefined()
    }),
  )
})
