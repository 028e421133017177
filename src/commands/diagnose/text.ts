import { plural } from "../../../otel/lifetimes/counted.ts"
import type { FindingWithExample } from "../../../otel/lifetimes/sightings.ts"
import { findingLines, quietHeading } from "../../../otel/timeline/finding-lines.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { Line } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { drawLines } from "../../../otel/timeline/text.ts"
import { exchangePanel } from "../../page/exchange-panel.ts"
import { mostFindings } from "../../page/report.ts"
import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import type { KnownFound } from "../../recordings/known-findings.ts"

/** More drawings than this hide the findings. */
const mostDrawings = 10

/** What was read out of a source but for the verdict, for people, in lines of at most `width` columns. */
export const diagnosisLines = (diagnosis: SourceDiagnosis, width: number): ReadonlyArray<Line> => {
  const { findings, known, notes } = diagnosis
  const more = findings.length - mostFindings
  return [
    ...drawings(findings, width),
    ...findingLines(
      findings.slice(0, mostFindings).map(({ finding }) => finding),
      width,
    ),
    ...(findings.length === 0 ? [] : [[]]),
    ...(more > 0 ? [...moreFindings(more, width), []] : []),
    ...knownLines(known, width),
    ...notes.flatMap((note) => paragraph(`Note: ${printable(note)}`, 0, width, "muted")),
  ]
}

/** Findings that are accepted, each with its reason. */
export const knownLines = (
  known: ReadonlyArray<KnownFound>,
  width: number,
): ReadonlyArray<Line> => {
  if (known.length === 0) return []
  const more = known.length - mostFindings
  return [
    ...paragraph(`Known (${known.length})`, 0, width, "title"),
    ...known
      .slice(0, mostFindings)
      .flatMap(({ found: { finding }, reason }) => [
        ...quietHeading(finding, ["○", "known"], width),
        ...paragraph(printable(reason), 2, width, "plain"),
      ]),
    ...(more > 0 ? moreFindings(more, width) : []),
    [],
  ]
}

export const moreFindings = (count: number, width: number): ReadonlyArray<Line> =>
  paragraph(`${count} more findings are not shown: --json has them.`, 0, width, "muted")

const drawings = (
  findings: ReadonlyArray<FindingWithExample>,
  width: number,
): ReadonlyArray<Line> => {
  const panels = panelsOf(findings)
  if (panels.length === 0) return []
  const more = panels.length - mostDrawings
  return [
    ...drawLines(panels.slice(0, mostDrawings), width, { sentences: false }),
    ...(more > 0 ? paragraph(`${more} more examples are not drawn.`, 0, width, "muted") : []),
    [],
  ]
}

/** One drawing of each exchange that a finding speaks of; two may speak of the same. */
const panelsOf = (findings: ReadonlyArray<FindingWithExample>): ReadonlyArray<Panel> => {
  const examples = new Map(
    findings.flatMap(({ example }) => {
      if (example === undefined) return []
      const { traceId, spanId } = example.exchange.span
      return [[traceId + spanId, example] as const]
    }),
  )
  return [...examples.values()].map(exchangePanel)
}

/** How much was read and judged, and how much was found. */
export const outcomeSentence = ({
  traces,
  spans,
  findings,
  known,
  exchangesJudged,
  exchangesOpen,
}: SourceDiagnosis): string => {
  const noneJudged = exchangesJudged === 0
  const read = `Read ${counted(spans, "span")} of ${counted(traces, "trace")}`
  const judged = noneJudged
    ? "no exchange could be judged"
    : `${counted(exchangesJudged, "exchange")} judged`
  const open = exchangesOpen === 0 ? "" : `, ${number(exchangesOpen)} open`
  const noProblems = noneJudged ? "" : ", no problems found"
  const accepted = known.length === 0 ? "" : `, ${number(known.length)} known`
  const found =
    findings.length === 0
      ? known.length === 0
        ? noProblems
        : ", no other finding"
      : `, ${counted(findings.length, "finding")} (${ruleNames(findings)})`
  return `${read}: ${judged}${open}${found}${accepted}.`
}

const mostNames = 3

const ruleNames = (findings: ReadonlyArray<FindingWithExample>): string => {
  const names = [...new Set(findings.map(({ finding }) => finding.rule))]
  const more = names.length - mostNames
  return [...names.slice(0, mostNames), ...(more > 0 ? [`${more} more`] : [])].join(", ")
}

export const number = (count: number): string => count.toLocaleString("en-US")

export const counted = (count: number, what: string): string =>
  `${number(count)} ${plural(count, what)}`
