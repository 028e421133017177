import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import { type PlayOutcome, runPlay } from "../../src/scenarios/run.ts"
import { healthyPrograms } from "../healthy/programs.ts"

/** All runs in all, shared evenly; the first programs have one more where that does not come out even. */
const runsOf = (index: number): number =>
  Math.ceil((inject("healthyRuns") - index) / healthyPrograms.length)

const saidIn = ({ findings, exchanges }: PlayOutcome) => ({
  findings: findings.map(({ rule, message }) => `${rule}: ${message}`),
  exchanges: exchanges.map(({ exchange }) => `${exchange.route} ${exchange.endedBy}`).sort(),
})

describe.concurrent("no rule speaks of a program in which", () => {
  healthyPrograms.forEach(({ title, play, exchanges }, index) => {
    it.live(title, () =>
      Effect.gen(function* () {
        for (let run = 0; run < runsOf(index); run++) {
          expect(saidIn(yield* runPlay(play)), `run ${run + 1}`).toEqual({
            findings: [],
            exchanges,
          })
        }
      }),
    )
  })
})
