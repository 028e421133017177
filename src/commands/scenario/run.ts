import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { nameOf, scenarios } from "../../scenarios/catalogue.ts"
import { runScenario } from "../../scenarios/run.ts"
import type { Scenario } from "../../scenarios/scenario.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { didYouMean, nearest } from "../flags/nearest.ts"
import { refuseTwoDocuments } from "../markdown-file.ts"
import { giveResults } from "../results.ts"
import type { RunWords } from "./flags.ts"
import { playedJson } from "./json.ts"
import { outcomeSentenceOf, playedLines } from "./text.ts"

/** `scopeline scenario run`: one known bug, or the same program without it. */
export const playScenario = Effect.fnUntraced(function* (words: RunWords) {
  const { name, fixed } = words
  yield* refuseTwoDocuments(words)
  const played = yield* runScenario(yield* scenarioNamed(name), fixed ? "fixed" : "broken")
  const command = yield* commandName
  yield* giveResults(words, {
    json: () => playedJson(played),
    lines: (width) => playedLines(played, width, command),
    verdict: (width) => paragraph(outcomeSentenceOf(played), 0, width, "plain"),
    report: async (environment) => {
      const { playedReport } = await import("./report.ts")
      return playedReport(played, environment)
    },
    exchanges: () => played.exchanges,
  })
  if (!played.asExpected) return yield* new Unexpected()
})

const scenarioNamed = (name: string): Effect.Effect<Scenario, UsageError> => {
  const known = scenarios.find((scenario) => nameOf(scenario) === name)
  return known === undefined ? Effect.fail(noScenario(name)) : Effect.succeed(known)
}

const noScenario = (name: string): UsageError => {
  const names = scenarios.map(nameOf)
  const meant = nearest(name, names)
  const what = `There is no scenario ${JSON.stringify(name)}${didYouMean(meant)}`
  return meant.length === 0
    ? new UsageError({ message: `${what} There are:`, choices: names })
    : new UsageError({ message: what })
}

/** In a checkout there is no `scopeline` to type. */
const commandName = Config.String("npm_lifecycle_event").pipe(
  Effect.orElseSucceed(() => ""),
  Effect.map((script) => (script === "scopeline" ? "npm run -s scopeline --" : "scopeline")),
)
