import { FINDING, FINDING_EVENT, LIFETIME_KIND, LIFETIME_OPEN } from "../../otel/attributes.ts"
import { flag, text } from "../../otel/lifetimes/attribute-reader.ts"
import { isMarker, type Marker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { serviceOf } from "../../otel/lifetimes/spans/exchange.ts"
import { findingKind } from "../../otel/lifetimes/spans/finding.ts"
import { replaces } from "../../otel/lifetimes/trace.ts"
import type { SharedValues } from "./shared-values.ts"
import { bytesOfSpan } from "./span-bytes.ts"

/** The trace itself, its id and its maps. */
const ofTrace = 800

/** Senders choose the names of rules. */
const mostKinds = 16

/** How much of one trace is kept. */
interface TraceLimits {
  readonly spans: number
  readonly bytes: number
}

/** The spans of one trace, each once. */
export class StoredTrace {
  readonly id: string
  readonly #shared: SharedValues
  readonly #spans = new Map<string, Span>()
  /** By the id of the span that each marks as open. */
  readonly #markers = new Map<string, Marker>()
  /** How far the search for the oldest ordinary span has come: it has passed none. */
  #ahead = this.#spans.values()
  #ordinary = 0
  #open = 0
  #bytes = ofTrace
  /** The kinds of findings that its spans tell of. */
  readonly told = new Set<string>()
  /** The kinds of findings that judging it has found. */
  judged: ReadonlySet<string> = none

  constructor(id: string, shared: SharedValues) {
    this.id = id
    this.#shared = shared
  }

  get spans(): ReadonlyArray<Span> {
    return [...this.#spans.values()]
  }

  get size(): number {
    return this.#spans.size
  }

  /** An estimate of what it takes on the heap, in bytes, without what spans share. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether something in it had not ended, by the latest report. */
  get isOpen(): boolean {
    return this.#open > 0
  }

  /** Keeps a span. Returns how many others had to be dropped because the trace is too large. */
  put(span: Span, limits: TraceLimits): number {
    if (isMarker(span) && this.#spans.has(span.parentSpanId)) return 0
    const known = this.#spans.get(span.spanId)
    if (!replaces(known, span)) return 0
    if (known !== undefined) this.#delete(known)
    this.#forgetMarkerOf(isMarker(span) ? span.parentSpanId : span.spanId)
    if (isMarker(span)) this.#markers.set(span.parentSpanId, span)
    this.#spans.set(span.spanId, span)
    this.#count(span)
    let evicted = 0
    while (
      this.#spans.size > limits.spans ||
      (this.#bytes > limits.bytes && this.#spans.size > 0)
    ) {
      this.#evict()
      evicted += 1
    }
    return evicted
  }

  /** Releases what its spans share with those of other traces. */
  release(): void {
    for (const span of this.#spans.values()) this.#shared.release(span)
  }

  #forgetMarkerOf(spanId: string): void {
    const marker = this.#markers.get(spanId)
    if (marker !== undefined) this.#delete(marker)
  }

  #delete(span: Span): void {
    this.#spans.delete(span.spanId)
    if (isMarker(span) && this.#markers.get(span.parentSpanId) === span) {
      this.#markers.delete(span.parentSpanId)
    }
    this.#uncount(span)
  }

  #count(span: Span): void {
    this.#shared.retain(span)
    this.#bytes += bytesOfSpan(span)
    if (isOpen(span)) this.#open += 1
    if (isOrdinary(span)) this.#ordinary += 1
    for (const kind of kindsToldBy(span)) if (this.told.size < mostKinds) this.told.add(kind)
  }

  #uncount(span: Span): void {
    this.#shared.release(span)
    this.#bytes -= bytesOfSpan(span)
    if (isOpen(span)) this.#open -= 1
    if (isOrdinary(span)) this.#ordinary -= 1
  }

  /**
   * The oldest ordinary span, or the oldest span if there is none. The server span, which the trace is about,
   * ends last.
   */
  #evict(): void {
    const ordinary = this.#ordinary > 0 ? this.#nextOrdinary() : undefined
    const oldest = ordinary ?? this.#spans.values().next().value
    if (oldest !== undefined) this.#delete(oldest)
  }

  #nextOrdinary(): Span | undefined {
    for (;;) {
      const { value, done } = this.#ahead.next()
      if (done === true || isOrdinary(value)) return value
    }
  }
}

const none: ReadonlySet<string> = new Set()

const isOpen = (span: Span): boolean => isMarker(span) || flag(span, LIFETIME_OPEN)

const isFinding = (span: Span): boolean => text(span, LIFETIME_KIND) === findingKind

/** Whether it is neither about a finding nor about something open. */
const isOrdinary = (span: Span): boolean => !isOpen(span) && !isFinding(span)

const kindsToldBy = (span: Span): ReadonlyArray<string> => {
  const rules = [span, ...span.events.filter(({ name }) => name === FINDING_EVENT)].flatMap(
    (source) => text(source, FINDING) ?? [],
  )
  return rules.map((rule) => JSON.stringify([rule, serviceOf(span)]))
}
