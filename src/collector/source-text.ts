import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Span } from "../../otel/lifetimes/span.ts"
import { readDocument } from "./recording/document.ts"
import { JsonDocuments } from "./recording/json-documents.ts"
import type { ReadingLog } from "./recording/reading-log.ts"
import { type Batch, UnreadableSource } from "./source.ts"

/** The spans in a text of JSON documents, as its bytes come. */
export const spansOfText = <E, R>(
  name: string,
  bytes: Stream.Stream<Uint8Array, E, R>,
  log: ReadingLog,
): Stream.Stream<Batch, E | UnreadableSource, R> =>
  Stream.suspend(() => {
    let spans: Array<Span> = []
    let pending = 0
    const documents = new JsonDocuments((document) => {
      const read = readDocument(document)
      if (typeof read === "string") return read
      log.documents += 1
      log.reject(read.rejected)
      for (const span of read.spans) spans.push(span)
      return undefined
    }, log)

    /** What has been read since the last time. */
    const batch = (): Batch => {
      const read = { spans, bytes: pending }
      spans = []
      // A document that takes many chunks counts as large as it is, in the end.
      if (read.spans.length > 0) pending = 0
      return read
    }

    const push = (chunk: Uint8Array) =>
      Effect.suspend((): Effect.Effect<Batch, UnreadableSource> => {
        const problem = log.bytes < beginning ? notText(chunk, log.bytes === 0) : undefined
        if (problem !== undefined) {
          return Effect.fail(new UnreadableSource({ message: `${name} ${problem}.` }))
        }
        log.bytes += chunk.length
        pending += chunk.length
        documents.push(chunk)
        return Effect.sync(batch)
      })

    const rest = Stream.sync(() => {
      documents.end()
      return batch()
    })
    // The next piece is on its way while one is parsed.
    const pieces = Stream.buffer(bytes, { capacity: 2 })
    return Stream.concat(Stream.mapEffect(pieces, push), rest)
  }).pipe(Stream.filter((read) => read.spans.length > 0))

const beginning = 64 * 1024

const notText = (chunk: Uint8Array, isFirst: boolean): string | undefined => {
  if (isFirst && chunk[0] === 0x1f && chunk[1] === 0x8b) {
    return "is compressed with gzip: unpack it first"
  }
  if (isFirst && startsWithUtf16Mark(chunk)) return "is text in UTF-16: save it as UTF-8"
  return chunk.subarray(0, beginning).includes(0)
    ? "is a binary file: OTLP in JSON is expected"
    : undefined
}

const startsWithUtf16Mark = ([first, second]: Uint8Array): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
