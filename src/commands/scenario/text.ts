import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import type { Line } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { drawLines } from "../../../otel/timeline/text.ts"
import { foremostPanels } from "../../page/exchange-panel.ts"
import { nameOf } from "../../scenarios/catalogue.ts"
import type { ScenarioRun } from "../../scenarios/run.ts"
import { pageOf, programOf } from "../../scenarios/scenario.ts"

/** More drawings than this hide the findings. */
export const mostDrawings = 3

/**
 * What became of one variant of a scenario but for the verdict, for people, in lines of at most `width` columns.
 * `command` is what they type to run `scopeline`.
 */
export const playedLines = (
  played: ScenarioRun,
  width: number,
  command: string,
): ReadonlyArray<Line> => {
  const { scenario, variant, findings, exchanges } = played
  return [
    ...paragraph(`${nameOf(scenario)} · ${variant}`, 0, width, "title"),
    ...paragraph(summaryOf(played), 0, width, "plain"),
    ...paragraph(`The repair: ${scenario.repair}`, 0, width, "plain"),
    ...paragraph(`The program: ${programOf(scenario.rule)}`, 0, width, "muted"),
    ...paragraph(`The page: ${pageOf(scenario.rule)}`, 0, width, "muted"),
    ...scenario.rule.incidents.flatMap(({ title, url, story }) => [
      [],
      ...paragraph(`${title} · ${url}`, 0, width, "muted"),
      ...paragraph(story, 0, width, "plain"),
    ]),
    [],
    ...drawLines(foremostPanels(exchanges, mostDrawings), width, { sentences: false }),
    [],
    ...findingLines(findings, width),
    ...(findings.length === 0 ? [] : [[]]),
    ...paragraph(`${theOther(played)}:`, 0, width, "plain"),
    ...paragraph(`${command} ${wordsOfTheOther(played)}`, 2, width, "plain"),
    [],
  ]
}

export const summaryOf = ({ scenario, variant }: ScenarioRun): string =>
  variant === "broken" ? scenario.summary : "The same program, repaired."

const theOther = ({ variant }: ScenarioRun): string =>
  variant === "broken" ? "The same without the bug" : "The same with the bug"

const wordsOfTheOther = ({ scenario, variant }: ScenarioRun): string =>
  `scenario run ${nameOf(scenario)}${variant === "broken" ? " --fixed" : ""}`

export const outcomeSentenceOf = ({ asExpected, expected, findings }: ScenarioRun): string => {
  if (asExpected) {
    const what =
      findings.length === 0 ? "no problems found" : `${expected.join(", ")}, and no other rule`
    return `This is what the scenario is there to show: ${what}.`
  }
  const found = findings.length === 0 ? "nothing" : findings.map(({ rule }) => rule).join(", ")
  const meant = expected.length === 0 ? "nothing" : expected.join(", ")
  return `This is not what the scenario is there to show: ${meant} was expected, and ${found} found.`
}
