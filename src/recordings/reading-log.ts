import { counted } from "../../otel/lifetimes/counted.ts"
import type { Rejection } from "../otlp/span-reader.ts"

const mostNamed = 5

interface SkippedLine {
  readonly line: number
  readonly reason: string
}

/** What came of reading a source, beside its spans. */
export class ReadingLog {
  /** Bytes read so far. */
  bytes = 0
  /** Documents that held spans, or at least could have. */
  documents = 0
  skippedLines = 0
  rejectedSpans = 0
  readonly #skipped: Array<SkippedLine> = []
  #skips = 0
  readonly #reasons = new Set<string>()
  #firstRejection: number | undefined
  /** What the source seems to be, if nothing in it can be read. */
  suspicion: string | undefined
  readonly #notes: Array<string> = []

  /** One line, or several of one document that begins there, could not be used. */
  skip(line: number, reason: string, lines = 1): void {
    this.skippedLines += lines
    this.#skips += 1
    if (this.#skipped.length < mostNamed) this.#skipped.push({ line, reason })
  }

  /** Where the source has lines, with the one on which the spans' document begins. */
  reject(rejected: ReadonlyArray<Rejection>, line?: number): void {
    if (rejected.length > 0) this.#firstRejection ??= line
    this.rejectedSpans += rejected.length
    for (const { reason } of rejected) this.#reasons.add(reason)
  }

  note(sentence: string): void {
    this.#notes.push(sentence)
  }

  /** The first thing that could not be used, and why. */
  get firstProblem(): string | undefined {
    const [first] = this.#skipped
    if (first !== undefined) return `line ${first.line}: ${first.reason}`
    const [reason] = this.#reasons
    const line = this.#firstRejection
    return reason === undefined || line === undefined ? reason : `line ${line}: ${reason}`
  }

  /** What was left out and what was read, in sentences. */
  notes(): ReadonlyArray<string> {
    return [...this.#notes, ...this.#skippedNote(), ...this.#rejectedNote()]
  }

  #skippedNote(): ReadonlyArray<string> {
    if (this.skippedLines === 0) return []
    const named = this.#skipped.map(({ line, reason }) => `line ${line} (${reason})`).join(", ")
    const more = this.#skips > mostNamed ? ", …" : ""
    return [`${counted(this.skippedLines, "line")} could not be used: ${named}${more}.`]
  }

  #rejectedNote(): ReadonlyArray<string> {
    if (this.rejectedSpans === 0) return []
    const reasons = [...this.#reasons].join("; ")
    const line = this.#firstRejection
    const from = line === undefined ? "" : `, from line ${line} on`
    return [`${counted(this.rejectedSpans, "span")} could not be read${from}: ${reasons}.`]
  }
}
