import * as Console from "effect/Console"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { incidentsOf, nameOf, scenarios } from "../../scenarios/catalogue.ts"
import { runScenario, type ScenarioRun } from "../../scenarios/run.ts"
import type { Scenario } from "../../scenarios/scenario.ts"
import { Unexpected, UsageError } from "../failure.ts"
import { nearest } from "../flags/nearest.ts"
import { reportFlag, writeReport } from "../flags/report-file.ts"
import { jsonText } from "../terminal/json-text.ts"
import { paint } from "../terminal/paint.ts"
import { screenOf } from "../terminal/screen.ts"
import { catalogueLines } from "./catalogue-text.ts"
import { playedReport } from "./report.ts"
import { playedLines } from "./text.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print one JSON document"),
  Flag.withDefault(false),
)

const list = Command.make(
  "list",
  { json },
  Effect.fnUntraced(function* ({ json }) {
    const { width, color } = screenOf(process.stdout, process.env)
    yield* Console.log(
      json
        ? jsonText(scenarios.map(listed))
        : paint(catalogueLines(scenarios, width), color).trimEnd(),
    )
  }),
).pipe(Command.withDescription("Say what scenarios there are"))

const parameters = {
  name: Argument.String("NAME").pipe(
    Argument.withDescription("A scenario, by the name of its rule: see scenario list"),
  ),
  fixed: Flag.Boolean("fixed").pipe(
    Flag.withDescription("Run the program without its bug"),
    Flag.withDefault(false),
  ),
  report: reportFlag,
  json,
}

const run = Command.make(
  "run",
  parameters,
  Effect.fnUntraced(function* ({ name, fixed, report, json }) {
    const played = yield* runScenario(yield* scenarioNamed(name), fixed ? "fixed" : "broken")
    const { width, color } = screenOf(process.stdout, process.env)
    yield* Console.log(
      json
        ? jsonText(toJson(played))
        : paint(playedLines(played, width, commandOf(process.env)), color).trimEnd(),
    )
    const written = yield* writeReport(report, (environment) => playedReport(played, environment))
    if (!json) yield* Effect.forEach(written, (line) => Console.log(line))
    if (!played.asExpected) return yield* new Unexpected()
  }),
).pipe(Command.withDescription("Run one, with its bug or without, and show what is found"))

/** `scopeline scenario`: the catalogue of lifetime bugs. */
export const scenario = Command.make("scenario").pipe(
  Command.withDescription("Known lifetime bugs, each as a small program to run"),
  Command.withSubcommands([list, run]),
)

const scenarioNamed = (name: string): Effect.Effect<Scenario, UsageError> => {
  const known = scenarios.find((scenario) => nameOf(scenario) === name)
  return known === undefined ? Effect.fail(noScenario(name)) : Effect.succeed(known)
}

const noScenario = (name: string): UsageError => {
  const names = scenarios.map(nameOf)
  const meant = nearest(name, names)
  const message = `There is no scenario ${JSON.stringify(name)}.`
  return meant === undefined
    ? new UsageError({ message: `${message} There are:`, choices: names })
    : new UsageError({ message: `${message} Did you mean ${meant}?` })
}

/** In a checkout there is no `scopeline` to type. */
const commandOf = (environment: NodeJS.ProcessEnv): string =>
  environment.npm_lifecycle_event === "scopeline" ? "npm run -s scopeline --" : "scopeline"

const listed = (scenario: Scenario) => ({
  name: nameOf(scenario),
  rule: scenario.rule.name,
  incident: incidentsOf(scenario),
  summary: scenario.summary,
})

const toJson = ({ scenario, variant, expected, findings }: ScenarioRun) => ({
  name: nameOf(scenario),
  variant,
  expected,
  findings,
})
