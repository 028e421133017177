import { styleText } from "node:util"
import type { Finding } from "../../../otel/lifetimes/finding.ts"
import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import { type Line, plainText, type Role, type Segment } from "../../../otel/timeline/segment.ts"

type Style = Parameters<typeof styleText>[0]

const styles: Readonly<Record<Role, Style | undefined>> = {
  title: "bold",
  axis: "gray",
  client: undefined,
  exchange: "blue",
  handler: "cyan",
  scope: "cyan",
  subscription: "magenta",
  queue: "magenta",
  stream: "green",
  fiber: "yellow",
  finalizer: "yellow",
  mark: "bold",
  tie: ["bold", "red"],
  finding: ["bold", "red"],
  warning: ["bold", "yellow"],
  muted: "gray",
  plain: undefined,
}

/** The lines as text, each ended by a line break, with colour if wanted. */
export const paint = (lines: ReadonlyArray<Line>, color: boolean): string =>
  plainText(color ? lines.map((line) => line.map(painted)) : lines)

const painted = ({ text, role }: Segment): Segment => {
  const style = styles[role]
  if (style === undefined) return { text, role }
  // The caller decides whether to colour, so the stream is not asked.
  return { text: styleText(style, text, { validateStream: false }), role }
}

/** Findings for people as text, with colour if wanted. */
export const formatFindings = (
  findings: ReadonlyArray<Finding>,
  options: { readonly width: number; readonly color: boolean },
): string => paint(findingLines(findings, options.width), options.color)
