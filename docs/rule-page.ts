import { type Diagnosis, diagnose } from "../otel/lifetimes/diagnose.ts"
import type { Rule } from "../otel/lifetimes/rule.ts"
import { telemetryCutOff } from "../otel/lifetimes/rules/telemetry-cut-off.ts"
import type { Span } from "../otel/lifetimes/span.ts"
import { drawText } from "../otel/timeline/text.ts"
import { foremostPanels } from "../src/page/exchange-panel.ts"
import { programOf, type Scenario } from "../src/scenarios/scenario.ts"
import { fence, incidentLink, suggestionMarkdown, table } from "./markdown.ts"

/** In columns. */
const drawingWidth = 100

const mostDrawings = 3

const generated =
  "<!-- Generated from the rule and the recording beside this page: npm run docs -->"

/** The page of a rule: its texts, with a drawing of the recorded bug. */
export const rulePage = (
  { rule, summary, repair }: Scenario,
  recording: ReadonlyArray<Span>,
): string =>
  [
    generated,
    `# ${rule.name}`,
    rule.symptom,
    `**${rule.severity}** · ${rule.summary}`,
    "## What it means",
    rule.meaning,
    "## How it looks",
    `${summary} Recorded in [\`${recordingOf(rule)}\`](${recordingOf(rule)}):`,
    fence("text", drawing(diagnose(recording))),
    ...(isJudgedInRecordings(rule) ? [] : [unjudged]),
    "## How to fix it",
    suggestionMarkdown(rule.suggestion),
    `What the fixed program changes: ${repair}`,
    "## Where it happened",
    rule.incidents.map((incident) => `- ${incidentLink(incident)}: ${incident.story}`).join("\n"),
    "## See it",
    fence("sh", commands(rule)),
    `[The rule](../../otel/lifetimes/rules/${rule.name}.ts) · ` +
      `[the two programs](../../${programOf(rule)}) · [all rules](README.md)`,
  ]
    .join("\n\n")
    .concat("\n")

/** The file beside a rule's page with the recording of its bug. */
export const recordingOf = ({ name }: Rule): string => `${name}.otlp.jsonl`

export const isJudgedInRecordings = (rule: Rule): boolean => rule !== telemetryCutOff

const unjudged =
  "`diagnose` finds nothing in this recording, because the lost span is not in it. Only the program itself " +
  "knows that it was lost. It prints that on stderr, and tells `scenario run`."

const drawing = ({ exchanges }: Diagnosis): string =>
  drawText(foremostPanels(exchanges, mostDrawings), drawingWidth)

const commands = (rule: Rule): string => {
  const run = `${scopeline} scenario run ${rule.name}`
  const recorded = `${scopeline} diagnose docs/rules/${recordingOf(rule)}`
  return [
    `${run}            # with the bug`,
    `${run} --fixed    # without it`,
    isJudgedInRecordings(rule) ? recorded : `${recorded}    # finds nothing, see above`,
  ].join("\n")
}

const scopeline = "npm run -s scopeline --"

/** The index of the pages, beside them. */
export const ruleIndex = (rules: ReadonlyArray<Rule>): string =>
  [
    "<!-- Generated from the rules: npm run docs -->",
    "# Rules",
    "A rule is a relation between lifetimes that is true only if there is a bug. The deepest cause comes first: " +
      "if two rules apply to one bug, only that one reports it.",
    table([
      ["rule", "severity", "applies when", "seen in"],
      ...rules.map((rule) => [...ruleCells(rule, ""), rule.incidents.map(incidentLink).join(", ")]),
    ]),
    "The [glossary](../glossary.md) explains the words. In `scenario run`, and so in the recordings, the grace period " +
      "is 0.3 s instead of 1 s.",
    `Each page has a timeline, drawn from the recording beside it, and the fix. \`${scopeline} scenario list\` ` +
      "lists the programs that have the bugs. `npm run docs:record` records them again.",
  ]
    .join("\n\n")
    .concat("\n")

/** The rules as a table, for a page from which `folder` leads to the rules' pages. */
export const ruleTable = (rules: ReadonlyArray<Rule>, folder: string): string =>
  table([["rule", "severity", "applies when"], ...rules.map((rule) => ruleCells(rule, folder))])

const ruleCells = ({ name, severity, summary }: Rule, folder: string): ReadonlyArray<string> => [
  `[\`${name}\`](${folder}${name}.md)`,
  severity,
  summary,
]
