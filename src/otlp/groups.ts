import * as Effect from "effect/Effect"
import type { Span } from "../../otel/lifetimes/span.ts"
import { readAttributes } from "./key-values.ts"
import type { Scalars } from "./scalars.ts"
import { badResource, type Origin, type Rejection, readInstrumentation } from "./span-reader.ts"

/** The contents of an export request: the spans that could be read, and why each other span could not. */
export interface DecodedSpans {
  readonly spans: ReadonlyArray<Span>
  readonly rejected: ReadonlyArray<Rejection>
}

/** The spans of one resource, not read yet. */
export interface Group {
  /** The resource's list of key-value pairs. */
  readonly attributes: unknown
  readonly scopes: Iterable<ScopeGroup>
}

/** Those that one instrumentation scope made. */
export interface ScopeGroup {
  readonly scope: unknown
  readonly spans: Iterable<unknown>
}

interface SpanLists {
  readonly spans: Array<Span>
  readonly rejected: Array<Rejection>
}

export type ReadSpan = (fields: unknown, origin: Origin) => Span | Rejection

/** The spans of a group, and a function that reads one of them. */
function* partsOf(scalars: Scalars, group: Group, read: ReadSpan, into: SpanLists) {
  const resource = readAttributes(scalars, group.attributes)
  for (const { scope, spans } of group.scopes) {
    const instrumentation = readInstrumentation(scope)
    const origin = resource === undefined ? undefined : { resource, instrumentation }
    const readOne = (fields: unknown): void => {
      const span = origin === undefined ? badResource : read(fields, origin)
      if ("reason" in span) into.rejected.push(span)
      else into.spans.push(span)
    }
    yield { spans, readOne }
  }
}

/** Stops after each span, so that the caller can let other fibers run. */
function* reading(
  scalars: Scalars,
  groups: Iterable<Group>,
  read: ReadSpan,
): Generator<void, DecodedSpans> {
  const lists: SpanLists = { spans: [], rejected: [] }
  for (const group of groups) {
    for (const { spans, readOne } of partsOf(scalars, group, read, lists)) {
      for (const fields of spans) {
        readOne(fields)
        yield
      }
    }
  }
  return lists
}

/** Reads all spans in one go. */
export const readGroupsAtOnce = (
  scalars: Scalars,
  groups: Iterable<Group>,
  read: ReadSpan,
): DecodedSpans => {
  const lists: SpanLists = { spans: [], rejected: [] }
  for (const group of groups) {
    for (const { spans, readOne } of partsOf(scalars, group, read, lists)) {
      for (const fields of spans) readOne(fields)
    }
  }
  return lists
}

const sliceMillis = 10

const runSlice = <A>(steps: Generator<void, A>): IteratorResult<void, A> => {
  const until = performance.now() + sliceMillis
  let step = steps.next()
  while (step.done !== true && performance.now() < until) step = steps.next()
  return step
}

/**
 * Reads all spans, for at most about 10 ms in one go: a large request must not keep the program that receives
 * it from its own work. Spans of one resource share its attributes. Fails with what `failure` returns if
 * walking the groups throws.
 */
export const readGroups = Effect.fnUntraced(function* <E>(
  scalars: Scalars,
  groups: Iterable<Group>,
  read: ReadSpan,
  failure: () => E,
) {
  const steps = reading(scalars, groups, read)
  while (true) {
    const step = yield* Effect.try({ try: () => runSlice(steps), catch: failure })
    if (step.done === true) return step.value
    yield* Effect.yieldNow
  }
})
