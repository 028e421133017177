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

/** The page of a rule: what the rule says of itself, with a drawing of what was recorded of its bug. */
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

/** The file beside the page of a rule in which its bug was recorded. */
export const recordingOf = ({ name }: Rule): string => `${name}.otlp.jsonl`

export const isJudgedInRecordings = (rule: Rule): boolean => rule !== telemetryCutOff

const unjudged =
  "No recording is judged by this rule, this one neither: the span that was lost is not in it. Only the " +
  "program itself knows, says so on stderr, and tells `scenario run`."

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

/** What a reader of the pages may not know, in the order in which it comes up. */
const words: ReadonlyArray<readonly [string, string]> = [
  [
    "exchange",
    "one request with its response, from the arrival of the request to the end of the body.",
  ],
  [
    "head sent",
    "status and headers have been handed to the platform (`◇`); a body may follow for hours.",
  ],
  [
    "scope",
    "what owns resources in Effect: whatever was acquired in it is released when it closes.",
  ],
  ["finalizer", "what a scope runs when it closes, to release one thing."],
  [
    "fiber",
    "a thread of Effect's own; one that is a child of another ends with it, a detached one does not.",
  ],
  [
    "grace period",
    "how long a lifetime may outlive what it was for: 1 s (`--grace`), in `scenario run`, and so in " +
      "what the recordings tell, 0.3 s.",
  ],
  [
    "certain, likely",
    "the causal chain stands in the trace, or it was inferred from what stands there.",
  ],
]

/** The index of the pages, beside them. */
export const ruleIndex = (rules: ReadonlyArray<Rule>): string =>
  [
    "<!-- Generated from the rules: npm run docs -->",
    "# Rules",
    "A rule is a relation between lifetimes that holds only where there is a bug. The deepest cause " +
      "stands first: where two rules hold about one bug, that one speaks.",
    table([
      ["rule", "severity", "holds when", "seen in"],
      ...rules.map((rule) => [...ruleCells(rule, ""), rule.incidents.map(incidentLink).join(", ")]),
    ]),
    "## Words",
    words.map(([word, meaning]) => `- **${word}**: ${meaning}`).join("\n"),
    `Each page has a timeline, drawn from the recording beside it, and the repair. \`${scopeline} ` +
      "scenario list` names the programs that have the bugs, and `npm run docs:record` records them anew.",
  ]
    .join("\n\n")
    .concat("\n")

/** The rules as a table for a page to which `folder` is the way to their own pages. */
export const ruleTable = (rules: ReadonlyArray<Rule>, folder: string): string =>
  table([["rule", "severity", "holds when"], ...rules.map((rule) => ruleCells(rule, folder))])

const ruleCells = ({ name, severity, summary }: Rule, folder: string): ReadonlyArray<string> => [
  `[\`${name}\`](${folder}${name}.md)`,
  severity,
  summary,
]
