import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { scopelineProcess } from "../support/process.ts"

/** In seconds. */
const most = { run: 5, catalogue: 150 }

/** How long a command takes; once more where that is too long, as another program may have been busy. */
const secondsOf = (words: ReadonlyArray<string>, tries = 3): Effect.Effect<number> =>
  Effect.gen(function* () {
    const begun = performance.now()
    const program = yield* scopelineProcess(words)
    const code = yield* program.ended
    const seconds = (performance.now() - begun) / 1000
    expect(code, program.stdout()).toBe(0)
    return seconds < most.run || tries === 1 ? seconds : yield* secondsOf(words, tries - 1)
  }).pipe(Effect.scoped)

const runs = scenarios.flatMap((scenario) =>
  variantNames.map((variant) => ({ name: nameOf(scenario), variant })),
)

describe("scopeline scenario run", () => {
  it.live("ends by itself within seconds, and all of them within minutes", () =>
    Effect.gen(function* () {
      const took = yield* Effect.forEach(runs, ({ name, variant }) =>
        Effect.map(
          secondsOf(["scenario", "run", name, ...(variant === "fixed" ? ["--fixed"] : [])]),
          (seconds) => ({ run: `${name} ${variant}`, seconds }),
        ),
      )
      const sum = took.reduce((seconds, one) => seconds + one.seconds, 0)
      const longest = took.toSorted((a, b) => b.seconds - a.seconds)[0]
      console.log(
        `${took.length} runs of scenario run took ${sum.toFixed(1)} s; ` +
          `the longest, ${longest?.run}, ${longest?.seconds.toFixed(1)} s.`,
      )
      expect(took.filter(({ seconds }) => seconds >= most.run)).toEqual([])
      expect(sum).toBeLessThan(most.catalogue)
    }),
  )
})
