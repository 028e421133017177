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

/** What a failing test shows: each finding with everything that explains it, then what is left open. */
export const failureText = ({ findings, leftovers }: Verdict): string => {
  const sections = [
    ...findings.map(explained),
    ...(leftovers.length === 0 ? [] : [leftoverSection(leftovers)]),
  ]
  return plainText(sections.flatMap((lines) => [[], ...lines])).trim()
}

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

const leftoverSection = (leftovers: ReadonlyArray<Leftover>): ReadonlyArray<Line> => [
  ...paragraph("still open after the end", 0, width, "finding"),
  ...leftovers.flatMap((leftover) => paragraph(leftoverText(leftover), 2, width, "plain")),
]

/** `scope worker · open for 331 ms, holds subscription bus, opened in start, /app/worker.ts:12` */
const leftoverText = ({ kind, name, exchange, openMs, holds, code }: Leftover): string => {
  const facts = [
    `open for ${formatMillis(openMs)}`,
    ...(exchange === undefined || exchange === name ? [] : [`of ${exchange}`]),
    ...holds.map((held) => `holds ${held}`),
    ...(code === undefined ? [] : [`opened in ${codeText(code)}`]),
  ]
  return printable(`${kind} ${name} · ${facts.join(", ")}`)
}
