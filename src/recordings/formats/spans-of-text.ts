import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { spansOfLine } from "../../otlp/json-line/request.ts"
import { UnreadParts } from "../../otlp/unread-parts.ts"
import type { ReadingLog } from "../reading-log.ts"
import { type Batch, UnreadableSource } from "../source.ts"
import { readDocument } from "./document.ts"
import { JsonDocuments } from "./json-documents.ts"
import { otherBytes } from "./other-bytes.ts"

/** The spans in a text of JSON documents, as its bytes come. Only copies of a piece are kept. */
export const spansOfText = <E, R>(
  name: string,
  bytes: Stream.Stream<Uint8Array, E, R>,
  log: ReadingLog,
): Stream.Stream<Batch, E | UnreadableSource, R> =>
  Stream.suspend(() => {
    let spans: Array<Span> = []
    let size = 0
    const add = (read: ReadonlyArray<Span>, written: number): void => {
      log.documents += 1
      size += written
      for (const span of read) spans.push(span)
    }
    const documents = new JsonDocuments(
      {
        take: (document, place) => {
          const unread = new UnreadParts()
          const read = readDocument(document, unread)
          if (typeof read === "string") return read
          log.skipParts(place.line, unread)
          log.reject(read.rejected, place.line)
          add(read.spans, place.size)
          return undefined
        },
        takeLine: (bytes, from, to) => {
          const read = spansOfLine(bytes, from, to)
          if (read !== undefined) add(read, to - from)
          return read !== undefined
        },
      },
      log,
    )

    /** What has been read since the last time. */
    const batch = (): Batch => {
      const read = { spans, bytes: size }
      spans = []
      size = 0
      return read
    }

    const push = (chunk: Uint8Array) =>
      Effect.suspend((): Effect.Effect<Batch, UnreadableSource> => {
        const problem = log.bytes === 0 ? otherBytes(chunk) : undefined
        if (problem !== undefined) {
          return Effect.fail(new UnreadableSource({ message: `${name} ${problem}.` }))
        }
        // No reason to stop: a crash or a rotation leaves zeros beside good lines.
        if (log.bytes < beginning && hasZeros(chunk)) log.suspicion = binary
        log.bytes += chunk.length
        documents.push(chunk)
        return Effect.sync(batch)
      })

    const rest = Stream.sync(() => {
      documents.end()
      return batch()
    })
    return Stream.concat(Stream.mapEffect(bytes, push), rest)
  }).pipe(Stream.filter((read) => read.spans.length > 0))

const beginning = 64 * 1024

const binary = "is a binary file: OTLP in JSON is expected"

const hasZeros = (chunk: Uint8Array): boolean => chunk.subarray(0, beginning).includes(0)
