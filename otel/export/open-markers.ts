import * as Effect from "effect/Effect"
import { exchangeServedUnder } from "../instrument/current-exchange.ts"
import { makeSpanId } from "../instrument/span-id.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { DeferredSpan } from "./deferred-span.ts"
import { openExchange, openSpan } from "./lifetime-span.ts"
import type { OpenSpans } from "./open-spans.ts"
import type { Outlet } from "./outlet.ts"
import type { SpanWriter } from "./span-writer.ts"

/** After how long an open span is told of: few markers for a long stream, the first one soon. */
export const defaultMarkAfter: ReadonlyArray<Micros> = [1e6, 10e6, 60e6, 600e6]

/** Many spans begin at about the same time: they are told of together, this often a first time. */
const looksPerMoment = 4

interface Marking {
  readonly spans: OpenSpans
  readonly outlet: Pick<Outlet, "takes">
  readonly writer: Pick<SpanWriter, "lifetime">
  readonly now: () => Micros
  readonly flush: () => void
}

/** Tells of spans while they are open: one that has not ended is exported by nobody. */
export const superviseOpen = (
  marking: Marking,
  markAfter: ReadonlyArray<Micros>,
): Effect.Effect<void> => {
  const [first] = markAfter
  if (first === undefined) return Effect.void
  return Effect.gen(function* () {
    while (true) {
      const wait = (marking.spans.nextDue ?? Number.POSITIVE_INFINITY) - marking.now()
      yield* Effect.sleep(Math.max(first / looksPerMoment, Math.min(wait, first)) / 1000)
      mark(marking)
    }
  })
}

const mark = ({ spans, outlet, writer, now, flush }: Marking): void => {
  const due = spans.takeDue().filter(({ traceId }) => outlet.takes(traceId))
  for (const span of due) writer.lifetime(markerOf(span, now()))
  if (due.length > 0) flush()
}

const markerOf = (span: DeferredSpan, at: Micros) => {
  const own = { traceId: span.traceId, spanId: makeSpanId() }
  const exchange = exchangeServedUnder(span)
  return exchange === undefined ? openSpan(span, own, at) : openExchange(exchange, own, at)
}
