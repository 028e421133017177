import type { ExchangeRecord } from "../instrument/records/record.ts"
import { makeSpanId } from "../instrument/records/record-span.ts"
import type { Sink } from "../instrument/records/sink.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { CutOffCounter } from "./cut-off.ts"
import { DeferredSpan } from "./deferred-span.ts"
import { findingSpan, programFindingSpan } from "./finding-span.ts"
import { type LifetimeSpan, lifetimeSpan } from "./lifetime-span.ts"
import { openExchange, openLifetime } from "./open-span.ts"
import type { Outlet } from "./outlet.ts"
import { SampledTraces } from "./sampled-traces.ts"
import type { Sampling } from "./sampling.ts"
import type { SpanWriter } from "./span-writer.ts"
import { tracesNamed, withUnsent } from "./unsent.ts"

interface SinkParts {
  readonly service: string
  readonly writer: SpanWriter
  readonly outlet: Outlet
  readonly sampling: Sampling
  readonly cutOff: CutOffCounter
  readonly now: () => Micros
  /** Whatever belongs to this trace is sent first, and lost last. */
  readonly found: (traceId: string) => void
  readonly flush: () => void
  /** After how long a marker of an open span is sent; none: never. */
  readonly markAfter: ReadonlyArray<Micros>
}

/** Exports lifetimes as spans of the SDK, as far as the outlet lets them. */
export const sdkSink = ({
  service,
  writer,
  outlet,
  sampling,
  cutOff,
  now,
  found,
  flush,
  markAfter: [firstMark = 0],
}: SinkParts): Sink => {
  const sampled = new SampledTraces(sampling)
  const isSent = (traceId: string): boolean => sampled.has(traceId) && outlet.takes(traceId)
  const keep = (traceId: string): void => {
    outlet.keep(traceId)
    found(traceId)
  }
  /** Its span will never be written. */
  const letGo = ({ serverSpan, span }: ExchangeRecord): void => {
    if (!(serverSpan instanceof DeferredSpan)) return
    if (!outlet.waits(span.traceId) && !outlet.takes(span.traceId)) serverSpan.letGo()
  }
  const write = (form: LifetimeSpan) =>
    writer.lifetime(
      withUnsent(
        form,
        tracesNamed(form).filter((traceId) => !isSent(traceId)),
      ),
    )
  return {
    service,
    writes: ({ serverSpan, span }) => {
      if (!(serverSpan instanceof DeferredSpan)) return undefined
      return outlet.waits(span.traceId) ? "when done" : "at once"
    },
    drops: ({ span, sampled: isSampled, matches }) =>
      !(isSampled && matches.length > 0) && outlet.drops(span.traceId),
    begun: (exchange) => {
      sampled.begun(exchange)
      outlet.begun(exchange.span.traceId)
    },
    answered: ({ serverSpan, span }, answer) => {
      if (!(serverSpan instanceof DeferredSpan)) return
      if (outlet.waits(span.traceId) && !outlet.takes(span.traceId)) serverSpan.answered(answer)
    },
    done: (exchange) => {
      if (exchange.done) return // it may be judged again, and is counted once
      exchange.done = true
      const isFound = exchange.sampled && exchange.matches.length > 0
      if (isFound) found(exchange.span.traceId)
      outlet.done(exchange.span.traceId, isFound)
      letGo(exchange)
    },
    export: (record) => {
      const { span, startedAt, parentSpan } = record
      if (!(parentSpan?.sampled ?? sampling(undefined, () => span.traceId))) return
      if (cutOff.isClosed) {
        // A scope that nobody asked for may well outlive the telemetry that was built in it.
        if (record.kind === "scope" && !record.asked) return
        cutOff.ended({ ...span, name: lifetimeSpan(record, now()).name, startedAt })
        return
      }
      outlet.add(span.traceId, () => write(lifetimeSpan(record, now())))
      if (record.kind !== "fiber" || record.match === undefined) return
      found(span.traceId)
      write(programFindingSpan(record, record.match, now()))
    },
    exportFinding: (exchange, match, at) => {
      if (!exchange.sampled) return
      const finding = findingSpan(exchange, match, at)
      // First the spans that it names: the spans of the exchange, which are sent then, may name it too.
      for (const traceId of tracesNamed(finding)) {
        if (outlet.waits(traceId) || isSent(traceId)) keep(traceId)
      }
      keep(exchange.span.traceId)
      write(finding)
      // Its subject may stay open for as long as the program runs: until then this span stands for it.
      for (const left of exchange.finalizers) {
        if (left.endedAt !== undefined || !match.spanIds.includes(left.span.spanId)) continue
        writer.lifetime(openLifetime(left, spanIn(exchange), at))
      }
    },
    exportOpen: (exchanges, at) => {
      for (const exchange of exchanges.filter(({ sampled }) => sampled)) {
        if (exchange.matches.length > 0) keep(exchange.span.traceId)
        // Most young lifetimes end soon, and report themselves; the first marker reports the rest.
        if (at - exchange.startedAt < firstMark) continue
        writer.lifetime(openExchange(exchange, spanIn(exchange), at))
        flush()
      }
    },
  }
}

const spanIn = ({ span }: { readonly span: SpanReference }): SpanReference => ({
  traceId: span.traceId,
  spanId: makeSpanId(),
})
