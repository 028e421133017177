import { times } from "../../../otel/lifetimes/counted.ts"
import { whereFound } from "../../../otel/lifetimes/where-found.ts"
import { valueText } from "../../../otel/timeline/finding-lines.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { drawText } from "../../../otel/timeline/text.ts"
import { compressionHoldsEvents } from "../../probe/probe-rule.ts"
import type { ExchangeDetail, FindingKind, Snapshot } from "../snapshot.ts"
import { placeText, withShortPaths } from "./code-place.ts"
import { fixParts, unindented } from "./finding-parts.ts"
import { severitySigns } from "./signs.ts"

/** In columns: wider drawings are broken where people paste them. */
const drawingWidth = 100

/** A finding for an issue, a pull request or a chat: each part can be understood alone. */
export const findingMarkdown = (
  kind: FindingKind,
  detail: ExchangeDetail | undefined,
  snapshot: Pick<Snapshot, "directory" | "environment">,
): string => {
  const { rule, severity, confidence, count, service, place, evidence } = kind
  const placed = detail?.layout.findings[detail.kinds.indexOf(kind.id)]
  const traceId = (detail?.id ?? kind.examples[0])?.split(".")[0]
  const lines = [
    `### ${severitySigns[severity]} ${plain(rule)} (${severity}, ${confidence}, ${times(count)})`,
    "",
    plain(withShortPaths(placed?.sentence ?? kind.message, snapshot)),
    "",
    ...[
      [
        "Route",
        [...whereFound(kind), service]
          .filter((part) => part !== "")
          .map(plain)
          .join(" · "),
      ],
      ["In the code", place === undefined ? "" : code(placeText(place, snapshot))],
      ["Trace", traceId === undefined ? "" : code(traceId)],
      ["Rule", `${plain(rule)}: ${pageOfRule(rule)} of Scopeline`],
    ].flatMap(([name, value]) => (value === "" ? [] : [`- ${name}: ${value}`])),
    ...(detail === undefined ? [] : ["", ...fence(drawingOf(detail), "text")]),
    ...evidenceLines(evidence),
    "",
    "**How to fix it**",
    "",
    ...fixParts(kind.suggestion).flatMap(({ code: isCode, lines }) =>
      isCode ? [...fence(unindented(lines).join("\n"), ""), ""] : [lines.join(" "), ""],
    ),
    ...(snapshot.environment === undefined ? [] : [environmentLine(snapshot.environment)]),
  ]
  return `${lines.join("\n").trimEnd()}\n`
}

const pageOfRule = (rule: string): string =>
  rule === compressionHoldsEvents ? "docs/cli.md" : `docs/rules/${plain(rule)}.md`

/** What made it: versions and the command line. */
export const environmentLine = (environment: NonNullable<Snapshot["environment"]>): string =>
  environment.map(([name, value]) => `${plain(name)} ${plain(value)}`).join(" · ")

const drawingOf = ({ id, layout }: ExchangeDetail): string => {
  const title = layout.rows.find(({ kind }) => kind === "exchange")?.label ?? "exchange"
  const panel = { title, note: `trace ${id.split(".")[0]}`, layout }
  return drawText([panel], drawingWidth, { sentences: false })
}

const evidenceLines = (evidence: FindingKind["evidence"]): ReadonlyArray<string> => {
  const entries = Object.entries(evidence)
  if (entries.length === 0) return []
  return [
    "",
    "**Evidence**",
    "",
    "| what | value |",
    "| --- | --- |",
    ...entries.map(([key, value]) => `| ${cell(key)} | ${cell(valueText(value))} |`),
  ]
}

/** Names come from outside: markup in them is escaped. */
export const plain = (text: string): string => printable(text).replace(/[\\`*_[\]<>|#~@]/g, "\\$&")

const cell = plain

/** A span of code that no backtick in the text can end. */
const code = (text: string): string => {
  const shown = printable(text)
  const ticks = "`".repeat(longestRun(shown) + 1)
  return ticks === "`" ? `\`${shown}\`` : `${ticks} ${shown} ${ticks}`
}

const fence = (text: string, language: string): ReadonlyArray<string> => {
  const ticks = "`".repeat(Math.max(3, longestRun(text) + 1))
  return [ticks + language, text.trimEnd(), ticks]
}

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
