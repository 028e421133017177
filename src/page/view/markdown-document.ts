import { times } from "../../../otel/lifetimes/counted.ts"
import { whereFound } from "../../../otel/lifetimes/where-found.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import type { ExchangeDetail, FindingKind, Snapshot } from "../snapshot.ts"
import { environmentLine, findingMarkdown, plain } from "./markdown.ts"

/** A finding, and what else is to be said of it here. */
interface ToldFinding {
  readonly kind: FindingKind
  /** The exchange that is drawn. */
  readonly detail: ExchangeDetail | undefined
  readonly note: string | undefined
}

export interface MarkdownGroup {
  readonly heading: string
  /** Whether there is something to fix: others get one line each. */
  readonly isOpen: boolean
  readonly findings: ReadonlyArray<ToldFinding>
}

/** What a command found, for an issue, a pull request or the summary of a CI job. */
export interface MarkdownDocument extends Pick<Snapshot, "directory" | "environment"> {
  readonly title: string
  readonly verdict: ReadonlyArray<string>
  readonly groups: ReadonlyArray<MarkdownGroup>
  readonly notes: ReadonlyArray<string>
}

/** How every document begins: only what begins so is replaced by a new one. */
export const markdownMark = "<!-- Written by Scopeline -->\n"

/** GitHub accepts 65,536 characters in a comment, and nobody reads more: others get one line each. */
const mostLength = 40_000

const mostLines = 20
const longestMessage = 200

export const markdownDocument = (document: MarkdownDocument): string => {
  const { title, verdict, groups, notes, environment } = document
  let room = mostLength
  const parts = groups
    .filter(({ findings }) => findings.length > 0)
    .map((group) => {
      const whole: Array<string> = []
      const short: Array<string> = []
      for (const told of group.findings) {
        const text = group.isOpen && room > 0 ? wholeText(told, document) : undefined
        if (text === undefined || text.length > room) short.push(shortText(told, group.isOpen))
        else whole.push(text)
        room -= text?.length ?? 0
      }
      return [
        ...(groups.length > 1 ? [`**${plain(group.heading)} (${group.findings.length})**`] : []),
        ...whole,
        ...listOf(short, group.isOpen && whole.length > 0 ? "More findings, in short:" : undefined),
      ].join("\n\n")
    })
  return `${[
    `${markdownMark}## ${plain(title)}`,
    ...verdict.map(plain),
    ...parts,
    ...listOf(notes.map(plain), notes.length === 0 ? undefined : "Notes:"),
    ...(environment === undefined ? [] : [environmentLine(environment)]),
  ].join("\n\n")}\n`
}

const wholeText = ({ kind, detail, note }: ToldFinding, { directory }: MarkdownDocument): string =>
  [
    findingMarkdown(kind, detail, directory === undefined ? {} : { directory }).trimEnd(),
    ...(note === undefined ? [] : [plain(note)]),
  ].join("\n\n")

const shortText = ({ kind, note }: ToldFinding, isOpen: boolean): string => {
  const { rule, severity, confidence, count, message } = kind
  const place = whereFound(kind).map(plain)
  const what = isOpen
    ? `${plain(rule)} (${severity}, ${confidence}, ${times(count)})`
    : `${plain(rule)}, found ${times(count)}`
  const said = isOpen ? [plain(printable(message, longestMessage))] : []
  return [[what, ...place].join(" · "), ...said, ...(note === undefined ? [] : [plain(note)])].join(
    ": ",
  )
}

const listOf = (
  lines: ReadonlyArray<string>,
  heading: string | undefined,
): ReadonlyArray<string> => {
  if (lines.length === 0) return []
  const more = lines.length - mostLines
  return [
    ...(heading === undefined ? [] : [heading]),
    [
      ...lines.slice(0, mostLines).map((line) => `- ${line}`),
      ...(more > 0 ? [`- and ${more} more`] : []),
    ].join("\n"),
  ]
}
