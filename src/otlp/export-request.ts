import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { isFields } from "./fields.ts"
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

/** The input as a whole is no OTLP trace export request; the message says where it is not. */
export class NotOtlp extends Schema.TaggedError<NotOtlp>()("NotOtlp", {
  message: Schema.String,
}) {}

// --- JSON

const absent = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const ScopeSpans = Schema.Struct({
  scope: Schema.optional(Schema.Unknown),
  /** What OTLP called `scope` before version 0.15. */
  instrumentationLibrary: Schema.optional(Schema.Unknown),
  spans: absent(Schema.Array(Schema.Unknown)),
})

const ResourceSpans = Schema.Struct({
  resource: absent(Schema.Struct({ attributes: Schema.optional(Schema.Unknown) })),
  scopeSpans: absent(Schema.Array(ScopeSpans)),
  /** What OTLP called `scopeSpans` before version 0.15. */
  instrumentationLibrarySpans: absent(Schema.Array(ScopeSpans)),
})

/** The frame of a request. The spans in it are read one by one: a bad one costs only itself. */
const Frame = Schema.Struct({ resourceSpans: Schema.Array(ResourceSpans) })

const decodeFrame = Schema.decodeUnknownEffect(Frame)
const decodeAnyFrame = Schema.decodeUnknownResult(Frame)

const isAbsent = (value: unknown): boolean => value === undefined || value === null

const isScopeSpans = (value: unknown): boolean =>
  isFields(value) && (isAbsent(value.spans) || Array.isArray(value.spans))

const isListOfScopes = (value: unknown): boolean =>
  isAbsent(value) || (Array.isArray(value) && value.every(isScopeSpans))

const isResourceSpans = (value: unknown): boolean =>
  isFields(value) &&
  (isAbsent(value.resource) || isFields(value.resource)) &&
  isListOfScopes(value.scopeSpans) &&
  isListOfScopes(value.instrumentationLibrarySpans)

/** By hand because a recording may have a request for each span; a test holds it equal to the schema. */
const isFrame = (value: unknown): value is typeof Frame.Type =>
  isFields(value) &&
  Array.isArray(value.resourceSpans) &&
  value.resourceSpans.every(isResourceSpans)

/** The schema says what is wrong with one that is none. */
const decodeFrameAtOnce = (document: unknown) =>
  isFrame(document) ? Result.succeed(document) : decodeAnyFrame(document)

/** Says where, and never what: what was sent may hold anything. */
const describeIssue = SchemaIssue.makeFormatterStandardSchemaV1()

const notTheFrame = (error: Schema.SchemaError): NotOtlp => {
  const issue = describeIssue(error.issue).issues[0]
  const path = (issue?.path ?? []).map((step) =>
    typeof step === "number" ? `[${step}]` : `.${String(step)}`,
  )
  const where = path.length === 0 ? "the document" : path.join("").replace(/^\./, "")
  return new NotOtlp({ message: `not an OTLP trace export request: ${where}: ${issue?.message}` })
}

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

const readJsonSpan: ReadSpan = (fields, origin) => readSpan(jsonScalars, fields, origin)

const readFrame = (frame: typeof Frame.Type): Effect.Effect<DecodedSpans, NotOtlp> =>
  readGroups(jsonScalars, groupsOf(frame), readJsonSpan, notJson)

const isEmptyObject = (document: unknown): boolean =>
  isFields(document) && Object.keys(document).length === 0

/**
 * Reads an export request in the JSON form of OTLP that has been parsed already. An empty object is
 * an empty request; an object that has only other fields is none.
 */
export const decodeDocument = (document: unknown): Effect.Effect<DecodedSpans, NotOtlp> =>
  isEmptyObject(document)
    ? Effect.succeed({ spans: [], rejected: [] })
    : decodeFrame(document).pipe(Effect.mapError(notTheFrame), Effect.flatMap(readFrame))

/** The same without letting others run: for who reads files, where nobody waits for an answer. */
export const decodeDocumentAtOnce = (document: unknown): Result.Result<DecodedSpans, NotOtlp> =>
  isEmptyObject(document)
    ? Result.succeed({ spans: [], rejected: [] })
    : decodeFrameAtOnce(document).pipe(
        Result.mapBoth({
          onFailure: notTheFrame,
          onSuccess: (frame) => readGroupsAtOnce(jsonScalars, groupsOf(frame), readJsonSpan),
        }),
      )

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
