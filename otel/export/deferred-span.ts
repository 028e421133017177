import type * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import { type Answer, httpAttributes, isGivenBack } from "../instrument/effect/http-attributes.ts"
import { harmlessly } from "../instrument/harmlessly.ts"
import { makeSpanId, makeTraceId } from "../instrument/records/record-span.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { type Sampling, saidOf } from "./sampling.ts"

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

type Event = readonly [name: string, time: bigint, attributes: Record<string, unknown>]

/**
 * A span as Effect itself makes it. It becomes a span of the SDK only when it is exported: the stock bridge to
 * OpenTelemetry pays for an SDK span at every start, whether it is kept or not.
 */
export class DeferredSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly name: string
  readonly spanId: string
  readonly traceId: string
  readonly parent: Option.Option<Tracer.AnySpan>
  readonly annotations: Context.Context<never>
  readonly links: Array<Tracer.SpanLink>
  readonly kind: Tracer.SpanKind
  readonly attributes = new Map<string, unknown>()
  readonly events: Array<Event> = []
  status: Tracer.SpanStatus
  /** How many markers have reported it as open. */
  marked = 0
  readonly #isSampled: boolean
  readonly #ended: (span: DeferredSpan) => void
  /** Set if attributes may be made later: most spans of healthy exchanges are never written. */
  #answer: Answer | undefined = undefined
  #lacksAttributes = false

  /** `ids` are the ids of the span that it stands for, if there is one. */
  constructor(
    options: SpanOptions,
    sampling: Sampling,
    ended: (span: DeferredSpan) => void,
    ids?: SpanReference,
  ) {
    const parent = Option.getOrUndefined(options.parent)
    this.name = options.name
    this.spanId = ids?.spanId ?? makeSpanId()
    this.traceId = ids?.traceId ?? parent?.traceId ?? makeTraceId()
    this.parent = options.parent
    this.annotations = options.annotations
    this.links = options.links
    this.kind = options.kind
    this.status = { _tag: "Started", startTime: options.startTime }
    this.#ended = ended
    this.#isSampled = sampling(parent, () => this.traceId, saidOf(options))
  }

  /**
   * Effect alone gets the answer "not sampled" when it is about to write attributes that may never be needed.
   */
  get sampled(): boolean {
    if (!this.#isSampled || this.#answer === undefined) return this.#isSampled
    if (!isGivenBack(this.#answer)) return true
    this.#lacksAttributes = true
    return false
  }

  /** This is the response of its exchange. The span may never be written. */
  answered(answer: Answer): void {
    this.#answer = answer
  }

  /** It is not written: what its attributes would be made from is not needed. */
  letGo(): void {
    this.#answer = undefined
  }

  /** Adds the attributes that Effect did not write. */
  complete(): void {
    const answer = this.#answer
    if (!this.#lacksAttributes || answer === undefined) return
    this.#lacksAttributes = false
    const attributes = harmlessly(() => httpAttributes(answer), [], "export a lifetime")
    for (const [name, value] of attributes) this.attributes.set(name, value)
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    const { _tag, startTime } = this.status
    if (_tag === "Ended") return
    this.status = { _tag: "Ended", startTime, endTime, exit }
    if (this.#isSampled) this.#ended(this)
  }

  attribute(key: string, value: unknown): void {
    if (this.status._tag === "Started") this.attributes.set(key, value)
  }

  event(name: string, time: bigint, attributes: Record<string, unknown> = {}): void {
    if (this.status._tag === "Started") this.events.push([name, time, attributes])
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    if (this.status._tag === "Started") this.links.push(...links)
  }
}
