import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { giveIds } from "../instrument/effect/spans.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { type Sampling, saidOf } from "./sampling.ts"

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

/**
 * A span as Effect itself makes it, which becomes one of the SDK's only when it is exported: the stock
 * bridge to OpenTelemetry pays for a span of the SDK at the start of each, kept or not.
 */
export class DeferredSpan extends Tracer.NativeSpan {
  override readonly sampled: boolean
  /** How many markers have told that it is open. */
  marked = 0
  readonly #ended: (span: DeferredSpan) => void

  /** `ids` are those of the span that it stands for, if it stands for one. */
  constructor(
    options: SpanOptions,
    sampling: Sampling,
    ended: (span: DeferredSpan) => void,
    ids?: SpanReference,
  ) {
    super(options)
    if (ids !== undefined) giveIds(this, ids)
    this.#ended = ended
    const parent = Option.getOrUndefined(options.parent)
    this.sampled = sampling(parent, () => this.traceId, saidOf(options))
  }

  override end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    if (this.status._tag === "Ended") return
    super.end(endTime, exit)
    if (this.sampled) this.#ended(this)
  }
}
