import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { isFields } from "./fields.ts"
import { decodeFrame, decodeFrameAtOnce, type Frame, readableFrame, whyNoFrame } from "./frame.ts"
import {
  type DecodedSpans,
  type Group,
  type ReadSpan,
  readGroups,
  readGroupsAtOnce,
} from "./groups.ts"
import { type OtlpProtobuf, otlpProtobuf } from "./protobuf.ts"
import { jsonScalars, protobufScalars } from "./scalars.ts"
import { badMessage, readSpan } from "./span-reader.ts"
import type { UnreadParts } from "./unread-parts.ts"

/** The input is not an OTLP trace export request; the message says where it differs. */
export class NotOtlp extends Schema.TaggedError<NotOtlp>()("NotOtlp", {
  message: Schema.String,
}) {}

// --- JSON

const groupsOf = (frame: typeof Frame.Type): ReadonlyArray<Group> =>
  frame.resourceSpans.map(({ resource, scopeSpans, instrumentationLibrarySpans }) => ({
    attributes: resource?.attributes,
    scopes: (scopeSpans ?? instrumentationLibrarySpans ?? []).map(
      ({ scope, instrumentationLibrary, spans }) => ({
        scope: scope ?? instrumentationLibrary,
        spans: spans ?? [],
      }),
    ),
  }))

const notTheFrame = (error: Schema.SchemaError): NotOtlp =>
  new NotOtlp({ message: whyNoFrame(error) })

const readJsonSpan: ReadSpan = (fields, origin) => readSpan(jsonScalars, fields, origin)

const readFrame = (frame: typeof Frame.Type): Effect.Effect<DecodedSpans, NotOtlp> =>
  readGroups(jsonScalars, groupsOf(frame), readJsonSpan, notJson)

const readFrameAtOnce = (frame: typeof Frame.Type): DecodedSpans =>
  readGroupsAtOnce(jsonScalars, groupsOf(frame), readJsonSpan)

const isEmptyObject = (document: unknown): boolean =>
  isFields(document) && Object.keys(document).length === 0

/**
 * Reads a parsed export request in the JSON form of OTLP. An empty object is an empty request; an object that
 * has only other fields is not a request.
 */
export const decodeDocument = (document: unknown): Effect.Effect<DecodedSpans, NotOtlp> =>
  isEmptyObject(document)
    ? Effect.succeed({ spans: [], rejected: [] })
    : decodeFrame(document).pipe(Effect.mapError(notTheFrame), Effect.flatMap(readFrame))

/** The same without letting other fibers run: for readers of files, where nobody waits for an answer. */
export const decodeDocumentAtOnce = (document: unknown): Result.Result<DecodedSpans, NotOtlp> =>
  isEmptyObject(document)
    ? Result.succeed({ spans: [], rejected: [] })
    : decodeFrameAtOnce(document).pipe(
        Result.mapBoth({
          onFailure: notTheFrame,
          onSuccess: readFrameAtOnce,
        }),
      )

/** Reads what can be read of a list of resources with their spans. */
export const decodeReadable = (
  resources: ReadonlyArray<unknown>,
  unread: UnreadParts,
): DecodedSpans => readFrameAtOnce(readableFrame(resources, unread))

const notJson = (error?: unknown): NotOtlp => {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
  const where = position === undefined ? "" : ` at character ${position}`
  return new NotOtlp({ message: `not JSON${where}` })
}

/** Reads an export request as OTLP/HTTP sends it and the Collector's file exporter writes it. */
export const decodeJson = (text: string): Effect.Effect<DecodedSpans, NotOtlp> =>
  Effect.try({ try: (): unknown => JSON.parse(text), catch: notJson }).pipe(
    Effect.flatMap(decodeDocument),
  )

// --- protobuf

const readMessage =
  (protobuf: OtlpProtobuf): ReadSpan =>
  (bytes, origin) => {
    if (!(bytes instanceof Uint8Array)) return badMessage
    let message: unknown
    try {
      message = protobuf.span(bytes)
    } catch {
      return badMessage
    }
    return readSpan(protobufScalars, message, origin)
  }

const notProtobuf = (): NotOtlp =>
  new NotOtlp({
    message: "not an OTLP trace export request in protobuf: cut short, or other bytes altogether",
  })

/** Reads an export request in the protobuf form of OTLP. */
export const decodeProtobuf = (bytes: Uint8Array): Effect.Effect<DecodedSpans, NotOtlp> =>
  Effect.flatMap(otlpProtobuf, (protobuf) =>
    readGroups(protobufScalars, protobuf.groups(bytes), readMessage(protobuf), notProtobuf),
  )
