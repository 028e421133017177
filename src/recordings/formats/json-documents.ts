import type { ReadingLog } from "../reading-log.ts"
import { nestingAfter } from "./json-nesting.ts"

/** Where a document begins, and how large it is. */
interface Place {
  readonly line: number
  readonly size: number
}

interface Reader {
  /** Takes one parsed document. If it cannot be used, it returns why, in a few words. */
  readonly take: (document: unknown, place: Place) => string | undefined
  /** Takes the bytes of a line, with its line feed. False: the line has to be parsed. */
  readonly takeLine: (bytes: Buffer, from: number, to: number) => boolean
}

const lineFeed = 10

/** V8 can hold a text of at most 512 MiB, and the parsed form takes several times its size. */
const largestDocument = 128 * 1024 * 1024
const tooLarge = "larger than 128 MiB"

/** The parsed form of a text of brackets takes a hundred times its size in memory. */
const mostOpenings = 8_000_000
const worthCounting = 16 * 1024 * 1024

const cutShort = "JSON that is cut short"

const unparsable = Symbol("unparsable")

/** A document whose lines have not all come. */
interface DocumentPart {
  readonly line: number
  readonly text: Array<string>
  size: number
  nesting: number
}

/**
 * Cuts a text into JSON documents as its bytes come. A document stands on one line or, if it is pretty-printed,
 * on many. What is not a document is skipped and costs only its own lines.
 */
export class JsonDocuments {
  readonly #reader: Reader
  readonly #log: ReadingLog
  #rest: Array<Uint8Array> = []
  #restSize = 0
  #line = 0
  #unfinished: DocumentPart | undefined

  constructor(reader: Reader, log: ReadingLog) {
    this.#reader = reader
    this.#log = log
  }

  /** Keeps only copies of the chunk: its memory may be used again. */
  push(chunk: Uint8Array): void {
    const last = chunk.lastIndexOf(lineFeed)
    if (last === -1) {
      this.#keep(chunk)
      return
    }
    let from = 0
    if (this.#restSize > 0) {
      from = chunk.indexOf(lineFeed) + 1
      this.#endRest(chunk.subarray(0, from))
    }
    if (from <= last) this.#addLines(chunk.subarray(from, last + 1))
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1))
  }

  end(): void {
    if (this.#restSize > 0) this.#endRest(Uint8Array.of(lineFeed))
    this.#giveUp(cutShort)
  }

  /**
   * Lines, each with its line feed. If one had to be parsed, the others are parsed too: they are usually alike.
   */
  #addLines(lines: Uint8Array): void {
    const bytes = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength)
    let from = 0
    while (from < bytes.length) {
      const to = bytes.indexOf(lineFeed, from)
      if (!this.#takesLine(bytes, from, to)) break
      this.#line += 1
      from = to + 1
    }
    if (from < bytes.length) this.#parseLines(bytes.toString("utf8", from, bytes.length - 1))
  }

  #takesLine(bytes: Buffer, from: number, to: number): boolean {
    return (
      this.#unfinished === undefined &&
      to - from <= worthCounting &&
      this.#reader.takeLine(bytes, from, to)
    )
  }

  /** Decoding everything at once is far cheaper than line by line: a line is then a part of that string. */
  #parseLines(text: string): void {
    for (const line of text.split("\n")) this.#add(line)
  }

  #keep(bytes: Uint8Array): void {
    this.#restSize += bytes.length
    if (this.#restSize <= largestDocument) this.#rest.push(Uint8Array.from(bytes))
    else this.#rest = []
  }

  #endRest(bytes: Uint8Array): void {
    this.#keep(bytes)
    const rest = this.#rest
    const size = this.#restSize
    this.#rest = []
    this.#restSize = 0
    if (size <= largestDocument) this.#addLines(Buffer.concat(rest))
    else {
      this.#line += 1
      this.#giveUp(cutShort)
      this.#log.skip(this.#line, tooLarge)
    }
  }

  #add(line: string): void {
    this.#line += 1
    const text = this.#line === 1 ? line.replace(/^\ufeff/, "") : line
    if (isBlank(text)) return
    if (this.#unfinished === undefined) this.#begin(text)
    else this.#continue(this.#unfinished, text)
  }

  #begin(text: string): void {
    const document = parse(text)
    if (document === unparsable) {
      const nesting = nestingAfter(text, 0)
      if (nesting === undefined) this.#log.skip(this.#line, whyUnparsable(text))
      else if (nesting === 0) this.#log.skip(this.#line, whyUnparsable(text))
      else this.#unfinished = { line: this.#line, text: [text], size: text.length, nesting }
      return
    }
    const problem = this.#reader.take(document, this.#placeOf(text))
    if (problem !== undefined) this.#log.skip(this.#line, problem)
  }

  #continue(unfinished: DocumentPart, text: string): void {
    if (this.#isDocument(text)) {
      this.#giveUp(cutShort, this.#line)
      return
    }
    const nesting = nestingAfter(text, unfinished.nesting)
    unfinished.text.push(text)
    unfinished.size += text.length
    if (nesting === undefined) this.#giveUp("not JSON", this.#line + 1)
    else if (unfinished.size > largestDocument) this.#giveUp(tooLarge, this.#line + 1)
    else if (nesting === 0) this.#finish(unfinished)
    else unfinished.nesting = nesting
  }

  /** If this line is valid alone, the document before it was cut short. */
  #isDocument(text: string): boolean {
    if (!looksWhole(text)) return false
    const document = parse(text)
    return document !== unparsable && this.#reader.take(document, this.#placeOf(text)) === undefined
  }

  #placeOf({ length }: string): Place {
    return { line: this.#line, size: length }
  }

  #finish({ line, size, text }: DocumentPart): void {
    this.#unfinished = undefined
    const document = parse(text.join("\n"))
    const problem =
      document === unparsable ? "not JSON" : this.#reader.take(document, { line, size })
    if (problem !== undefined) this.#log.skip(line, problem, this.#line - line + 1)
  }

  #giveUp(reason: string, end = this.#line + 1): void {
    if (this.#unfinished === undefined) return
    this.#log.skip(this.#unfinished.line, reason, end - this.#unfinished.line)
    this.#unfinished = undefined
  }
}

const looksWhole = (text: string): boolean =>
  /^\s*\{\s*"/.test(text) && /\}\s*$/.test(text.slice(-100))

const isBlank = (text: string): boolean => /^\s*$/.test(text)

const parse = (text: string): unknown => {
  if (text.length > worthCounting && isDense(text)) return unparsable
  try {
    return JSON.parse(text)
  } catch {
    return unparsable
  }
}

const isDense = (text: string): boolean => {
  let openings = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x7b || code === 0x5b) openings += 1
  }
  return openings > mostOpenings
}

const whyUnparsable = (text: string): string => {
  if (text.length > worthCounting && isDense(text)) return "more than 8 million objects and lists"
  try {
    JSON.parse(text)
    return "not JSON"
  } catch (error) {
    const message = error instanceof Error ? error.message : ""
    if (/Unterminated|Unexpected end/.test(message)) return cutShort
    const position = /at position (\d+)/.exec(message)?.[1]
    return position === undefined ? "not JSON" : `not JSON at character ${position}`
  }
}
