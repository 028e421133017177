import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { isMarker, type Marker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { replaces } from "../../otel/lifetimes/trace.ts"

/** How much a store keeps. */
interface TraceStoreLimits {
  /** Spans of all traces together. */
  readonly spans: number
  /** Spans of one trace, and never more than `spans`. */
  readonly spansPerTrace: number
}

const defaultLimits: TraceStoreLimits = { spans: 100_000, spansPerTrace: 20_000 }

/** What a store holds now, and what it had to let go since it was made. */
export interface TraceStoreCounts {
  readonly traces: number
  readonly spans: number
  /** Traces that were let go whole, the oldest first. */
  readonly evictedTraces: number
  /** Spans that were let go, with their trace or out of a trace that was too long. */
  readonly evictedSpans: number
}

/** The latest traces in memory, by trace id in lower-case hex. */
export class TraceStore extends Context.Service<
  TraceStore,
  {
    /**
     * Keeps the spans; one that is sent again replaces itself. Of what tells that a span is open the
     * latest is kept, until that span comes.
     */
    readonly add: (spans: Iterable<Span>) => Effect.Effect<void>
    /** The spans of a trace in the order in which they came; none where it is not known. */
    readonly trace: (traceId: string) => Effect.Effect<ReadonlyArray<Span>>
    /** The ids of all traces, the oldest first. */
    readonly traces: Effect.Effect<ReadonlyArray<string>>
    readonly counts: Effect.Effect<TraceStoreCounts>
    /**
     * The spans of a trace as soon as the predicate holds of them, now or when more come. It waits
     * without an end, also for a trace that was let go: the caller sets the timeout. A predicate
     * that throws is a defect of the one who waits.
     */
    readonly awaitTrace: (
      traceId: string,
      predicate: (spans: ReadonlyArray<Span>) => boolean,
    ) => Effect.Effect<ReadonlyArray<Span>>
    /** The id of each trace that gets spans from the moment on at which this effect is done. */
    readonly changes: Effect.Effect<Stream.Stream<string>, never, Scope.Scope>
  }
>()("scopeline/collector/TraceStore") {
  /** An empty store that ends with the layer. */
  static readonly layer = (limits: TraceStoreLimits = defaultLimits): Layer.Layer<TraceStore> =>
    Layer.effect(TraceStore, make(limits))
}

/** Of one trace, by span id. */
type Spans = Map<string, Span>

/** Of one trace, by the id of the span that each tells to be open. */
type Markers = Map<string, Marker>

/** A reader of changes that is slower than this many is told of the latest only. */
const changesKept = 16_384

const make = Effect.fnUntraced(function* (limits: TraceStoreLimits) {
  const changed = yield* PubSub.sliding<string>(changesKept)
  yield* Effect.addFinalizer(() => PubSub.shutdown(changed))
  const kept = new StoredTrace(limits)
  const waiting = new Waiters()
  return TraceStore.of({
    add: (spans) =>
      Effect.suspend(() => {
        const traceIds = kept.add(spans)
        for (const traceId of traceIds) waiting.tell(traceId, () => kept.spansOf(traceId))
        return PubSub.publishAll(changed, traceIds)
      }).pipe(Effect.asVoid),
    trace: (traceId) => Effect.sync(() => kept.spansOf(traceId)),
    traces: Effect.sync(() => kept.traceIds),
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
    changes: Effect.map(PubSub.subscribe(changed), Stream.fromSubscription),
  })
})

/** The spans that are kept, and the order in which they go. */
class StoredTrace {
  readonly #limits: TraceStoreLimits
  /** In the order of arrival, which is the order of eviction. */
  readonly #traces = new Map<string, Spans>()
  /** Of the traces that have any. */
  readonly #markers = new Map<string, Markers>()
  #spans = 0
  #evictedTraces = 0
  #evictedSpans = 0

  constructor({ spans, spansPerTrace }: TraceStoreLimits) {
    this.#limits = { spans, spansPerTrace: Math.min(spans, spansPerTrace) }
  }

  get traceIds(): ReadonlyArray<string> {
    return [...this.#traces.keys()]
  }

  get counts(): TraceStoreCounts {
    return {
      traces: this.#traces.size,
      spans: this.#spans,
      evictedTraces: this.#evictedTraces,
      evictedSpans: this.#evictedSpans,
    }
  }

  spansOf(traceId: string): ReadonlyArray<Span> {
    return [...(this.#traces.get(traceId)?.values() ?? [])]
  }

  /** Gives the ids of the traces that the spans belong to. */
  add(spans: Iterable<Span>): ReadonlySet<string> {
    const traceIds = new Set<string>()
    for (const span of spans) {
      this.#put(span)
      traceIds.add(span.traceId)
      while (this.#spans > this.#limits.spans) this.#evictOldestTrace()
    }
    return traceIds
  }

  #put(span: Span): void {
    let trace = this.#traces.get(span.traceId)
    if (trace === undefined) {
      trace = new Map()
      this.#traces.set(span.traceId, trace)
    }
    if (isMarker(span)) {
      if (trace.has(span.parentSpanId)) return
      this.#forgetMarker(trace, span.traceId, span.parentSpanId)
      this.#remember(span)
    } else this.#forgetMarker(trace, span.traceId, span.spanId)
    if (!trace.has(span.spanId)) this.#spans += 1
    if (replaces(trace.get(span.spanId), span)) trace.set(span.spanId, span)
    if (trace.size > this.#limits.spansPerTrace) this.#evictOldestSpan(trace)
  }

  #remember(marker: Marker): void {
    const markers = this.#markers.get(marker.traceId) ?? new Map<string, Marker>()
    this.#markers.set(marker.traceId, markers.set(marker.parentSpanId, marker))
  }

  #forgetMarker(trace: Spans, traceId: string, spanId: string): void {
    const markers = this.#markers.get(traceId)
    const marker = markers?.get(spanId)
    if (markers === undefined || marker === undefined) return
    if (trace.delete(marker.spanId)) this.#spans -= 1
    markers.delete(spanId)
    if (markers.size === 0) this.#markers.delete(traceId)
  }

  /** The oldest, because the span that a trace is about, its server span, ends last. */
  #evictOldestSpan(trace: Spans): void {
    for (const spanId of trace.keys()) {
      trace.delete(spanId)
      this.#spans -= 1
      this.#evictedSpans += 1
      return
    }
  }

  #evictOldestTrace(): void {
    for (const [traceId, trace] of this.#traces) {
      this.#traces.delete(traceId)
      this.#markers.delete(traceId)
      this.#spans -= trace.size
      this.#evictedSpans += trace.size
      this.#evictedTraces += 1
      return
    }
  }
}

/** Says whether that was what it waited for. */
type Check = (spans: ReadonlyArray<Span>) => boolean

/** Who waits for a trace. */
class Waiters {
  readonly #byTrace = new Map<string, Set<Check>>()

  /** Gives the effect that stops the waiting. */
  add(traceId: string, check: Check): Effect.Effect<void> {
    const checks = this.#byTrace.get(traceId) ?? new Set()
    this.#byTrace.set(traceId, checks.add(check))
    return Effect.sync(() => this.#remove(traceId, check))
  }

  tell(traceId: string, spans: () => ReadonlyArray<Span>): void {
    const checks = this.#byTrace.get(traceId)
    if (checks === undefined) return
    const now = spans()
    for (const check of [...checks]) if (check(now)) this.#remove(traceId, check)
  }

  #remove(traceId: string, check: Check): void {
    const checks = this.#byTrace.get(traceId)
    checks?.delete(check)
    if (checks?.size === 0) this.#byTrace.delete(traceId)
  }
}
