import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Line } from "../../otel/timeline/segment.ts"
import type { Environment, Report } from "../page/report.ts"
import { type MarkdownWords, printsMarkdown, writeMarkdown } from "./markdown-file.ts"
import { type ReportWords, writeReport } from "./report-file.ts"
import { printJson } from "./terminal/json-text.ts"
import { printLines } from "./terminal/screen.ts"

/** What a command has found, in each form in which it can be asked for. */
interface Results {
  readonly json: () => unknown
  readonly lines: (width: number) => ReadonlyArray<Line>
  /** The last lines on the screen, below the names of the files. */
  readonly verdict: (width: number) => ReadonlyArray<Line>
  readonly report: (environment: Environment) => Promise<Report>
  /** The exchanges whose findings Markdown draws. */
  readonly exchanges: () => ReadonlyArray<JudgedExchange>
}

/** Prints what was found in the form that was asked for, and writes the files that were. The verdict comes last. */
export const giveResults = Effect.fnUntraced(function* (
  words: MarkdownWords & ReportWords,
  { json, lines, verdict, report, exchanges }: Results,
) {
  const isQuiet = words.json || printsMarkdown(words)
  if (words.json) yield* printJson(json())
  if (!isQuiet) yield* printLines(lines)
  const written = yield* Effect.result(writeFiles(words, report, exchanges))
  if (!isQuiet) yield* printLines(verdict)
  yield* Effect.fromResult(written)
})

const writeFiles = Effect.fnUntraced(function* (
  words: MarkdownWords & ReportWords,
  report: Results["report"],
  exchanges: Results["exchanges"],
) {
  yield* writeReport({ ...words, json: words.json || printsMarkdown(words) }, report)
  if (Option.isNone(words.markdown)) return
  const { args } = yield* Stdio.Stdio
  const commandLine = yield* args
  yield* writeMarkdown(words, async () => {
    const { environmentOf } = await import("../page/environment.ts")
    const { reportMarkdown } = await import("../page/report-markdown.ts")
    const made = await report(environmentOf(process, commandLine))
    return reportMarkdown(made, exchanges(), process.cwd())
  })
})
