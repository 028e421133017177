import * as Schema from "effect/Schema"

const Fields = Schema.Record(Schema.String, Schema.Unknown)
const ScopeSpans = Schema.Struct({
  scope: Schema.optional(Schema.Unknown),
  spans: Schema.optional(Schema.Array(Fields)),
})

/** The spans of one resource in an answer. */
export const AnsweredSpans = Schema.Struct({
  resource: Schema.optional(Schema.Unknown),
  scopeSpans: Schema.optional(Schema.Array(ScopeSpans)),
})

/** What version 3 of Jaeger's read API answers when it is asked for traces. */
export const JaegerAnswer = Schema.Struct({
  result: Schema.Struct({ resourceSpans: Schema.Array(AnsweredSpans) }),
})

/** Jaeger leaves zeros out, as protobuf's JSON does; a time that is missing is one of them. */
const withTimes = (span: typeof Fields.Type) => ({
  startTimeUnixNano: "0",
  endTimeUnixNano: "0",
  ...span,
})

/** The same spans as a part of an OTLP export request. */
export const asResourceSpans = ({ resource, scopeSpans }: typeof AnsweredSpans.Type) => ({
  resource,
  scopeSpans: scopeSpans?.map(({ scope, spans }) => ({ scope, spans: spans?.map(withTimes) })),
})

/** The same spans as an OTLP export request. */
export const asExportRequest = ({ result }: typeof JaegerAnswer.Type) => ({
  resourceSpans: result.resourceSpans.map(asResourceSpans),
})
