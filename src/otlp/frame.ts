import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { type Fields, isFields } from "./fields.ts"
import type { UnreadParts } from "./unread-parts.ts"

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

/** The frame of a request in JSON. The spans in it are read one by one: a bad one costs only itself. */
export const Frame = Schema.Struct({ resourceSpans: Schema.Array(ResourceSpans) })

export const decodeFrame = Schema.decodeUnknownEffect(Frame)
const decodeAnyFrame = Schema.decodeUnknownResult(Frame)

const isAbsent = (value: unknown): boolean => value === undefined || value === null

type ResourceSpans = typeof ResourceSpans.Type

const isScopeSpans = (value: unknown): value is typeof ScopeSpans.Type =>
  isFields(value) && (isAbsent(value.spans) || Array.isArray(value.spans))

const isListOfScopes = (value: unknown): boolean =>
  isAbsent(value) || (Array.isArray(value) && value.every(isScopeSpans))

const isResourceSpans = (value: unknown): value is ResourceSpans =>
  isFields(value) &&
  (isAbsent(value.resource) || isFields(value.resource)) &&
  isListOfScopes(value.scopeSpans) &&
  isListOfScopes(value.instrumentationLibrarySpans)

/**
 * Written by hand because a recording may have a request for each span; a test checks that it equals the
 * schema.
 */
const isFrame = (value: unknown): value is typeof Frame.Type =>
  isFields(value) &&
  Array.isArray(value.resourceSpans) &&
  value.resourceSpans.every(isResourceSpans)

/** If a document is not a frame, the schema says why. */
export const decodeFrameAtOnce = (document: unknown) =>
  isFrame(document) ? Result.succeed(document) : decodeAnyFrame(document)

/** Says where, and never what: the sender's text may contain anything. */
const describeIssue = SchemaIssue.makeFormatterStandardSchemaV1()

type Path = ReadonlyArray<PropertyKey>

/** What is wrong, and where. `placed` gives the path in the whole document. */
export const whyNoFrame = (
  error: Schema.SchemaError,
  placed: (path: Path) => Path = (path) => path,
): string => {
  const issue = describeIssue(error.issue).issues[0]
  const path = (issue?.path ?? []).map((step) => (typeof step === "object" ? step.key : step))
  const steps = placed(path).map((step) =>
    typeof step === "number" ? `[${step}]` : `.${String(step)}`,
  )
  const where = steps.length === 0 ? "the document" : steps.join("").replace(/^\./, "")
  return `not an OTLP trace export request: ${where}: ${issue?.message}`
}

/** The readable part of a list of resources. What cannot be read is left out, and counted in `unread`. */
export const readableFrame = (
  resources: ReadonlyArray<unknown>,
  unread: UnreadParts,
): typeof Frame.Type => ({
  resourceSpans: resources.flatMap((resource, index) => readableResource(resource, index, unread)),
})

const readableResource = (
  resource: unknown,
  index: number,
  unread: UnreadParts,
): ReadonlyArray<ResourceSpans> => {
  if (isResourceSpans(resource)) return [resource]
  const lists = isFields(resource) ? listsOfScopes(resource) : []
  const readable = lists.map(([name, list]) => [name, list.filter(isScopeSpans)])
  const entry = isFields(resource) ? { ...resource, ...Object.fromEntries(readable) } : undefined
  if (!isResourceSpans(entry)) {
    unread.add(() => whyUnread(resource, index))
    return []
  }
  for (const [name, list] of lists) {
    for (const [scope, spans] of list.entries()) {
      if (!isScopeSpans(spans)) unread.add(() => whyUnread({ [name]: [spans] }, index, scope))
    }
  }
  return [entry]
}

const listsOfScopes = (
  resource: Fields,
): ReadonlyArray<readonly [name: string, list: ReadonlyArray<unknown>]> =>
  ["scopeSpans", "instrumentationLibrarySpans"].flatMap((name) => {
    const list = resource[name]
    return Array.isArray(list) ? [[name, list] as const] : []
  })

/** With `scope`, the resource has only this one scope. */
const whyUnread = (resource: unknown, index: number, scope?: number): string => {
  const placed = (path: Path): Path =>
    path.map((step, depth) => (depth === 1 ? index : depth === 3 ? (scope ?? step) : step))
  return Result.match(decodeAnyFrame({ resourceSpans: [resource] }), {
    onSuccess: () => "",
    onFailure: (error) => whyNoFrame(error, placed),
  })
}
