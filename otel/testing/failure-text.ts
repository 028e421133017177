import { counted } from "../lifetimes/counted.ts"
import type { FindingWithExample } from "../lifetimes/sightings.ts"
import { formatMillis } from "../lifetimes/time.ts"
import { codeText } from "../timeline/code-text.ts"
import { findingLines } from "../timeline/finding-lines.ts"
import { layoutOf } from "../timeline/layout.ts"
import { printable } from "../timeline/printable.ts"
import { type Line, paragraph, plainText } from "../timeline/segment.ts"
import { drawLines } from "../timeline/text.ts"
import type { Leftover } from "./leftover.ts"
import type { GuardVerdict } from "./verdict.ts"

const width = 100

/** What a failing test shows: each finding with everything that explains it, then what is left open. */
export const failureText = ({ findings, leftovers }: GuardVerdict): string => {
  const sections = [
    ...findings.map(explained),
    ...(leftovers.length === 0 ? [] : [leftoverSection(leftovers)]),
  ]
  return plainText(sections.flatMap((lines) => [[], ...lines])).trim()
}

/** The finding with the code that it is about, and its exchange on a time axis. */
const explained = ({ finding, example }: FindingWithExample): ReadonlyArray<Line> => {
  const drawing =
    example === undefined
      ? []
      : drawLines([{ title: finding.route, layout: layoutOf(example.exchange, []) }], width)
  return [
    ...findingLines([{ ...finding, examples: [] }], width),
    ...(drawing.length === 0 ? [] : [[], ...drawing]),
  ]
}

const leftoverSection = (leftovers: ReadonlyArray<Leftover>): ReadonlyArray<Line> => {
  const alike = Map.groupBy(leftovers, whatItIs)
  return [
    ...paragraph("still open after the end", 0, width, "finding"),
    ...[...alike.values()].flatMap((group) => paragraph(leftoverText(group), 2, width, "plain")),
  ]
}

/** Problems that have this in common are printed once, with their count. */
const whatItIs = ({ kind, name, exchange, holds, code, began }: Leftover): string =>
  JSON.stringify([kind, name, exchange, holds, code, began])

/** `scope worker · open for 331 ms, holds subscription bus, opened in start, /app/worker.ts:12` */
const leftoverText = (alike: ReadonlyArray<Leftover>): string => {
  const [first] = alike
  if (first === undefined) return ""
  const { kind, name, exchange, holds, code, began } = first
  const openFor = formatMillis(Math.max(...alike.map(({ openMs }) => openMs)))
  const facts = [
    alike.length === 1
      ? `open for ${openFor}`
      : `${counted(alike.length, "time")}, open for up to ${openFor}`,
    ...(exchange === undefined || exchange === name ? [] : [`of ${exchange}`]),
    ...holds.map((held) => `holds ${held}`),
    ...(code === undefined ? [] : [`${began} ${codeText(code)}`]),
  ]
  return printable(`${name === `unnamed ${kind}` ? name : `${kind} ${name}`} · ${facts.join(", ")}`)
}
