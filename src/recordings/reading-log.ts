import { counted } from "../../otel/lifetimes/counted.ts"
import type { Rejection } from "../otlp/span-reader.ts"
import type { UnreadParts } from "../otlp/unread-parts.ts"

const mostNamed = 5

interface Skipped {
  /** As `line 3`. */
  readonly place: string
  readonly reason: string
}

const named = (all: ReadonlyArray<Skipped>, count: number): string => {
  const more = count > all.length ? ", …" : ""
  return `${all.map(({ place, reason }) => `${place} (${reason})`).join(", ")}${more}`
}

/** What happened while a source was read, besides its spans. */
export class ReadingLog {
  /** Bytes read so far. */
  bytes = 0
  /** Documents that held spans, or at least could have. */
  documents = 0
  skippedLines = 0
  rejectedSpans = 0
  readonly #skipped: Array<Skipped> = []
  #skips = 0
  readonly #unread: Array<Skipped> = []
  #unreadParts = 0
  readonly #reasons = new Set<string>()
  #firstRejection: string | undefined
  /** What the source seems to be, if nothing in it can be read. */
  suspicion: string | undefined
  readonly #notes: Array<string> = []

  /** One line, or several of one document that begins there, could not be used. */
  skip(line: number, reason: string, lines = 1): void {
    this.skippedLines += lines
    this.#skips += 1
    if (this.#skipped.length < mostNamed) this.#skipped.push({ place: `line ${line}`, reason })
  }

  /** The document that begins on this line was read without these parts of it. */
  skipParts(line: number, parts: UnreadParts): void {
    this.#unreadParts += parts.count
    for (const reason of parts.named) this.#nameUnread({ place: `line ${line}`, reason })
  }

  #nameUnread(part: Skipped): void {
    if (this.#unread.length < mostNamed) this.#unread.push(part)
  }

  /** With the line on which the document of the spans begins, if the source has lines. */
  reject(rejected: ReadonlyArray<Rejection>, line?: number): void {
    if (rejected.length > 0 && line !== undefined) this.#firstRejection ??= `line ${line}`
    this.rejectedSpans += rejected.length
    for (const { reason } of rejected) this.#reasons.add(reason)
  }

  note(sentence: string): void {
    this.#notes.push(sentence)
  }

  /** Adds the log of one of several sources, before which `before` bytes had been read. */
  addPart(part: ReadingLog, name: string, before: number): void {
    const placeIn = (place: string) => `${place} of ${name}`
    this.bytes = before + part.bytes
    this.documents += part.documents
    this.skippedLines += part.skippedLines
    this.rejectedSpans += part.rejectedSpans
    this.#skips += part.#skips
    for (const { place, reason } of part.#skipped) {
      if (this.#skipped.length < mostNamed) this.#skipped.push({ place: placeIn(place), reason })
    }
    this.#unreadParts += part.#unreadParts
    for (const { place, reason } of part.#unread)
      this.#nameUnread({ place: placeIn(place), reason })
    for (const reason of part.#reasons) this.#reasons.add(reason)
    if (part.#firstRejection !== undefined) this.#firstRejection ??= placeIn(part.#firstRejection)
    this.#notes.push(...part.#notes)
    if (part.documents > 0) return
    if (part.suspicion !== undefined) this.note(`${name} ${part.suspicion}.`)
    else if (part.firstProblem === undefined) this.note(`${name} is empty.`)
  }

  /** The first thing that could not be used, and why. */
  get firstProblem(): string | undefined {
    const [first = this.#unread[0]] = this.#skipped
    if (first !== undefined) return `${first.place}: ${first.reason}`
    const [reason] = this.#reasons
    const place = this.#firstRejection
    return reason === undefined || place === undefined ? reason : `${place}: ${reason}`
  }

  /** What was left out and what was read, in sentences. */
  notes(): ReadonlyArray<string> {
    return [...this.#notes, ...this.#skippedNote(), ...this.#unreadNote(), ...this.#rejectedNote()]
  }

  #skippedNote(): ReadonlyArray<string> {
    if (this.skippedLines === 0) return []
    const lines = counted(this.skippedLines, "line")
    return [`${lines} could not be used: ${named(this.#skipped, this.#skips)}.`]
  }

  #unreadNote(): ReadonlyArray<string> {
    if (this.#unreadParts === 0) return []
    const parts = counted(this.#unreadParts, "part of a document", "parts of documents")
    return [`${parts} could not be read: ${named(this.#unread, this.#unreadParts)}.`]
  }

  #rejectedNote(): ReadonlyArray<string> {
    if (this.rejectedSpans === 0) return []
    const reasons = [...this.#reasons].join("; ")
    const place = this.#firstRejection
    const from = place === undefined ? "" : `, from ${place} on`
    return [`${counted(this.rejectedSpans, "span")} could not be read${from}: ${reasons}.`]
  }
}
