import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Span } from "../../otel/lifetimes/span.ts"
import { ChangedTraces } from "./changed-traces.ts"
import { defaultMemory } from "./memory.ts"
import { StoredTraces, type TraceStoreCounts, type TraceStoreLimits } from "./stored-traces.ts"
import { TraceWaiters } from "./trace-waiters.ts"

const defaultLimits: TraceStoreLimits = { bytes: defaultMemory, spansPerTrace: 20_000 }

/** The latest traces in memory, by trace id in lower-case hex. */
export class TraceStore extends Context.Service<
  TraceStore,
  {
    /**
     * Keeps the spans. A span that is sent again replaces itself. Of the markers of an open span, the latest is
     * kept until that span comes.
     */
    readonly add: (spans: Iterable<Span>) => Effect.Effect<void>
    /** The spans of a trace in order of arrival; none if the trace is not known. */
    readonly trace: (traceId: string) => Effect.Effect<ReadonlyArray<Span>>
    /** The ids of all traces, the oldest first. */
    readonly traces: Effect.Effect<ReadonlyArray<string>>
    readonly counts: Effect.Effect<TraceStoreCounts>
    /**
     * The spans of a trace as soon as the predicate accepts them, now or when more come. It waits for ever,
     * even for a dropped trace: the caller sets the timeout. If the predicate throws, that is a defect of the
     * caller.
     */
    readonly awaitTrace: (
      traceId: string,
      predicate: (spans: ReadonlyArray<Span>) => boolean,
    ) => Effect.Effect<ReadonlyArray<Span>>
    /** The traces that get spans after this effect is done, for one reader. */
    readonly changes: Effect.Effect<ChangedTraces, never, Scope.Scope>
    /** Leaves so many bytes of what it may keep to others, from now on, and never more than half. */
    readonly reserve: (bytes: number) => Effect.Effect<void>
    /** Notes the kinds of findings that judging a trace has found: such a trace is dropped last. */
    readonly judged: (traceId: string, kinds: ReadonlySet<string>) => Effect.Effect<void>
  }
>()("scopeline/collector/TraceStore") {
  /** An empty store that ends with the layer. */
  static readonly layer = (limits: Partial<TraceStoreLimits> = {}): Layer.Layer<TraceStore> =>
    Layer.sync(TraceStore, () => make({ ...defaultLimits, ...limits }))
}

const make = (limits: TraceStoreLimits) => {
  const kept = new StoredTraces(limits)
  const waiting = new TraceWaiters()
  const readers = new Set<ChangedTraces>()
  return TraceStore.of({
    add: (spans) =>
      Effect.sync(() => {
        const traceIds = kept.add(spans)
        for (const traceId of traceIds) waiting.tell(traceId, () => kept.spansOf(traceId))
        for (const reader of readers) reader.add(traceIds)
      }),
    trace: (traceId) => Effect.sync(() => kept.spansOf(traceId)),
    traces: Effect.sync(() => kept.ids),
    counts: Effect.sync(() => kept.counts),
    awaitTrace: (traceId, predicate) =>
      Effect.callback((resume) => {
        const check = (spans: ReadonlyArray<Span>): boolean => {
          const held = Effect.runSyncExit(Effect.sync(() => predicate(spans)))
          if (held._tag === "Success" && !held.value) return false
          resume(Effect.as(held, spans))
          return true
        }
        if (check(kept.spansOf(traceId))) return
        return waiting.add(traceId, check)
      }),
    changes: Effect.acquireRelease(
      Effect.sync(() => {
        const reader = new ChangedTraces()
        readers.add(reader)
        return reader
      }),
      (reader) => Effect.sync(() => readers.delete(reader)),
    ),
    reserve: (bytes) => Effect.sync(() => kept.reserve(bytes)),
    judged: (traceId, kinds) => Effect.sync(() => kept.judged(traceId, kinds)),
  })
}
