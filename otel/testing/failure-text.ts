import type { Exemplified } from "../lifetimes/tally.ts"
import { formatMillis } from "../lifetimes/time.ts"
import { findingLines } from "../timeline/finding-lines.ts"
import { layoutOf } from "../timeline/layout.ts"
import { paragraph } from "../timeline/paragraph.ts"
import { printable } from "../timeline/printable.ts"
import { type Line, plainText } from "../timeline/segment.ts"
import { drawLines } from "../timeline/text.ts"
import { codeBehind, codeText } from "./code-location.ts"
import type { Leftover } from "./leftover.ts"
import type { Verdict } from "./verdict.ts"

const width = 100

/** What a failing test shows: what is wrong in one line, then everything that explains it. */
export const failureText = ({ findings, leftovers }: Verdict): string => {
  const lines = [
    ...paragraph(headline(findings, leftovers), 0, width, "title"),
    ...findings.flatMap((it) => [[], ...explained(it)]),
    ...(leftovers.length === 0 ? [] : [[], ...leftovers.flatMap(leftoverLines)]),
  ]
  return plainText(lines).trimEnd()
}

const headline = (
  findings: ReadonlyArray<Exemplified>,
  leftovers: ReadonlyArray<Leftover>,
): string =>
  [
    ...findings.map(({ finding: { rule, message } }) => `${rule}: ${message}`),
    ...(leftovers.length === 0
      ? []
      : [`still open after the end: ${leftovers.map(titleOf).join(", ")}`]),
  ]
    .map((part) => printable(part))
    .join("\n")

const titleOf = ({ kind, name }: Leftover): string => `${kind} ${name}`

/** The finding with the code that it is about, and its exchange on a time axis. */
const explained = ({ finding, example }: Exemplified): ReadonlyArray<Line> => {
  const code = example && codeBehind(example.exchange, finding.examples[0]?.spanIds ?? [])
  const opened = code === undefined ? {} : { "opened in": codeText(code) }
  const evidence = { ...opened, ...finding.evidence }
  const drawing =
    example === undefined
      ? []
      : drawLines([{ title: finding.route, layout: layoutOf(example.exchange, []) }], width)
  return [
    ...findingLines([{ ...finding, evidence, examples: [] }], width),
    ...(drawing.length === 0 ? [] : [[], ...drawing]),
  ]
}

const leftoverLines = (leftover: Leftover): ReadonlyArray<Line> => {
  const { exchange, openMs, code } = leftover
  const opened = code === undefined ? "" : `, opened in ${codeText(code)}`
  return paragraph(
    printable(
      `${titleOf(leftover)} · of ${exchange}, open for ${formatMillis(openMs)} when it should have ` +
        `been over${opened}`,
    ),
    2,
    width,
    "plain",
  )
}
