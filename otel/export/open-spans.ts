import type * as Tracer from "effect/Tracer"
import { optionsOf } from "../instrument/effect/spans.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import type { CutOffCounter } from "./cut-off.ts"
import { DeferredSpan } from "./deferred-span.ts"
import type { Outlet } from "./outlet.ts"
import type { Sampling } from "./sampling.ts"
import type { SpanWriter } from "./span-writer.ts"

interface OpenSpansParts {
  readonly sampling: Sampling
  readonly outlet: Outlet
  readonly writer: Pick<SpanWriter, "span">
  readonly cutOff: CutOffCounter
  readonly now: () => Micros
  /** After how long a marker of an open span is sent, each time; none: never. */
  readonly markAfter: ReadonlyArray<Micros>
}

/** The spans that have not ended. Those that end after the exporter was closed are counted and reported. */
export class OpenSpans {
  /** By how often each has been reported, and for each count in the order in which they began. */
  readonly #open: ReadonlyArray<Set<DeferredSpan>>
  readonly #parts: OpenSpansParts

  constructor(parts: OpenSpansParts) {
    this.#parts = parts
    this.#open = [...parts.markAfter, undefined].map(() => new Set())
  }

  readonly start: Tracer.Tracer["span"] = (options) =>
    this.#started(new DeferredSpan(options, this.#parts.sampling, this.#end))

  /**
   * Stands for a span of the program's own tracer, which may have decided by itself what it samples: `asked` is
   * what Effect asked it for.
   */
  readonly mirror = (of: Tracer.Span, asked: boolean): DeferredSpan => {
    const sampling: Sampling = (parent, traceId, said) =>
      this.#parts.sampling(parent?._tag === "ExternalSpan" ? parent : undefined, traceId, said)
    const options = { ...optionsOf(of), sampled: asked }
    return this.#started(new DeferredSpan(options, sampling, this.#end, of))
  }

  #started(span: DeferredSpan): DeferredSpan {
    if (span.sampled) this.#open[0]?.add(span)
    return span
  }

  /** Takes the spans that are due: once, however many times have passed. */
  takeDue(): ReadonlyArray<DeferredSpan> {
    const now = this.#parts.now()
    const due: Array<DeferredSpan> = []
    for (let marked = this.#parts.markAfter.length - 1; marked >= 0; marked--) {
      for (const span of this.#open[marked] ?? []) {
        const passed = this.#timesPassed(now - startOf(span))
        if (passed <= marked) break // the rest began later
        this.#open[marked]?.delete(span)
        span.marked = passed
        this.#open[passed]?.add(span)
        due.push(span)
      }
    }
    return due
  }

  /** When the next of those that are open now is due. */
  get nextDue(): Micros | undefined {
    const moments = this.#parts.markAfter.flatMap((after, marked) => {
      const [first] = this.#open[marked] ?? []
      return first === undefined ? [] : [startOf(first) + after]
    })
    return moments.length === 0 ? undefined : Math.min(...moments)
  }

  /** Exports what is still open, marked as open: a leak must not vanish from its trace. */
  endAll(): void {
    const { outlet, writer, now } = this.#parts
    for (const span of this.#open.flatMap((spans) => [...spans])) {
      outlet.add(span.traceId, () => writer.span(span, now))
    }
  }

  readonly #end = (span: DeferredSpan): void => {
    const { cutOff, outlet, writer, now } = this.#parts
    this.#open[span.marked]?.delete(span)
    if (cutOff.isClosed) this.#endedLate(span)
    else outlet.add(span.traceId, () => writer.span(span, now))
  }

  #endedLate(span: DeferredSpan): void {
    const { traceId, spanId, name } = span
    this.#parts.cutOff.ended({ traceId, spanId, name, startedAt: startOf(span) })
  }

  #timesPassed(age: Micros): number {
    return this.#parts.markAfter.filter((moment) => moment <= age).length
  }
}

const startOf = ({ status }: Tracer.Span): Micros => fromNanos(status.startTime)
