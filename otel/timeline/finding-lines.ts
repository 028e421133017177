import { times } from "../lifetimes/counted.ts"
import type { Finding } from "../lifetimes/finding.ts"
import { whereFound } from "../lifetimes/where-found.ts"
import { shownEvidence } from "./code-text.ts"
import { columnsOf, truncate, wrap } from "./columns.ts"
import { printable } from "./printable.ts"
import type { Line, Segment } from "./segment.ts"
import { paragraph } from "./segment.ts"
import { blocksOf } from "./suggestion.ts"

/**
 * Findings for people, in lines of at most `width` columns, those of code apart; a width below 40 counts
 * as 40.
 */
export const findingLines = (
  findings: ReadonlyArray<Finding>,
  width: number,
): ReadonlyArray<Line> => {
  const room = Math.max(40, Math.floor(width))
  return findings.flatMap((finding, index) => [
    ...(index === 0 ? [] : [[]]),
    ...findingHeading(finding, room),
    ...paragraph(printable(finding.message), 2, room, "plain"),
    ...evidenceLines(finding, room),
    ...section("how to fix it", suggestionLines(finding.suggestion, room)),
    ...section("where to look", exampleLines(finding, room)),
  ])
}

/** Which rule held, how often, and where. */
export const findingHeading = (finding: Finding, width: number): ReadonlyArray<Line> => [
  ...paragraph(headingOf(finding), 0, width, finding.severity === "error" ? "finding" : "warning"),
  ...paragraph(placeOf(finding), 2, width, "muted"),
]

/** The same for a finding that needs no change: with what it is instead, such as `✓` and `gone`. */
export const quietHeading = (
  finding: Finding,
  [sign, state]: readonly [sign: string, state: string],
  width: number,
): ReadonlyArray<Line> => [
  ...paragraph(
    `${sign} ${printable(finding.rule)} · ${state} · found ${times(finding.count)}`,
    0,
    width,
    "plain",
  ),
  ...paragraph(placeOf(finding), 2, width, "muted"),
]

const headingOf = ({ rule, severity, confidence, count }: Finding): string =>
  `${printable(rule)} · ${severity} · ${confidence} · ${times(count)}`

const longestName = 200

const placeOf = (finding: Finding): string =>
  [...whereFound(finding), finding.service]
    .filter((part) => part !== "")
    .map((part) => printable(part, longestName))
    .join(" · ")

const section = (heading: string, lines: ReadonlyArray<Line>): ReadonlyArray<Line> =>
  lines.length === 0 ? [] : [[], [{ text: `  ${heading}`, role: "title" }], ...lines]

const widestKey = 28

const evidenceLines = (finding: Finding, width: number): ReadonlyArray<Line> => {
  const entries = Object.entries(shownEvidence(finding)).map(
    ([key, value]) => [truncate(printable(key), widestKey), printable(valueText(value))] as const,
  )
  const keys = entries.reduce((most, [key]) => Math.max(most, columnsOf(key)), 0)
  const indent = 4 + keys + 2
  const lines = entries.flatMap(([key, value]) => {
    const [first = "", ...rest] = wrap(value, width - indent)
    const keyText = `    ${key}${" ".repeat(keys - columnsOf(key) + 2)}`
    return [
      [muted(keyText), plain(first)],
      ...rest.map((text) => [plain(" ".repeat(indent) + text)]),
    ]
  })
  return section("evidence", lines)
}

const muted = (text: string): Segment => ({ text, role: "muted" })
const plain = (text: string): Segment => ({ text, role: "plain" })

/** Numbers are times and counts: what lies behind a thousandth is noise of the division. */
export const valueText = (value: string | number | boolean): string =>
  typeof value === "number" ? String(Number(value.toFixed(3))) : String(value)

const suggestionIndent = 4

/** Prose is wrapped anew; code keeps its lines, however long, so that it can be copied. */
const suggestionLines = (suggestion: string, width: number): ReadonlyArray<Line> =>
  blocksOf(suggestion).flatMap(({ code, text }) => {
    if (text === "") return [[]]
    if (code) return [[plain(" ".repeat(suggestionIndent) + text)]]
    return paragraph(text, suggestionIndent, width, "plain")
  })

const exampleLines = ({ examples }: Finding, width: number): ReadonlyArray<Line> =>
  examples.flatMap(({ traceId, spanIds }) =>
    paragraph(
      `trace ${printable(traceId)}, spans ${spanIds.map((id) => printable(id)).join(" ")}`,
      4,
      width,
      "muted",
    ),
  )
