import type * as Clock from "effect/Clock"
import { harmlessly } from "../instrument/harmlessly.ts"
import { Alarm } from "../instrument/records/alarm.ts"
import { exchangeServedUnder } from "../instrument/records/current-exchange.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import { makeSpanId } from "../instrument/records/record-span.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { DeferredSpan } from "./deferred-span.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"
import { openExchange, openLifetime, openSpan } from "./open-span.ts"
import type { OpenSpans } from "./open-spans.ts"
import type { Outlet } from "./outlet.ts"
import type { SpanWriter } from "./span-writer.ts"

/** After how long markers of an open span are sent: few for a long stream, the first one soon. */
export const defaultMarkAfter: ReadonlyArray<Micros> = [1e6, 10e6, 60e6, 600e6]

/** Many spans begin at about the same time: they are reported together, this often for the first time. */
const looksPerMoment = 4

interface MarkerParts {
  readonly spans: OpenSpans
  readonly outlet: Pick<Outlet, "takes">
  readonly writer: Pick<SpanWriter, "lifetime">
  readonly now: () => Micros
  readonly flush: () => void
  /** Also send what lives in an open exchange, with each of its markers. */
  readonly withLifetimes: boolean
}

/** Reports spans while they are open: nothing exports a span before its end. Returns how to stop that. */
export const superviseOpen = (
  parts: MarkerParts,
  markAfter: ReadonlyArray<Micros>,
  clock: Clock.Clock,
): (() => void) => {
  const [first] = markAfter
  if (first === undefined) return () => {}
  const sleep = () => {
    const wait = (parts.spans.nextDue ?? Number.POSITIVE_INFINITY) - parts.now()
    alarm.after(Math.max(first / looksPerMoment, Math.min(wait, first)) / 1000)
  }
  const alarm = new Alarm(clock, () => {
    harmlessly(() => mark(parts), undefined, "export a lifetime")
    sleep()
  })
  sleep()
  return () => alarm.stop()
}

const mark = ({ spans, outlet, writer, now, flush, withLifetimes }: MarkerParts): void => {
  const due = spans.takeDue().filter(({ traceId }) => outlet.takes(traceId))
  for (const span of due) {
    for (const marker of markersOf(span, now(), withLifetimes)) writer.lifetime(marker)
  }
  if (due.length > 0) flush()
}

const markersOf = (
  span: DeferredSpan,
  at: Micros,
  withLifetimes: boolean,
): ReadonlyArray<LifetimeSpan> => {
  const own = () => ({ traceId: span.traceId, spanId: makeSpanId() })
  const exchange = exchangeServedUnder(span)
  if (exchange === undefined) return [openSpan(span, own(), at)]
  const marker = openExchange(exchange, own(), at)
  if (!withLifetimes) return [marker]
  const open = openIn(exchange)
  // What was reported as open has to be reported when it has ended, or it seems to stay open.
  if (open.length > 0) exchange.shown = true
  return [marker, ...open.map((record) => openLifetime(record, own(), at))]
}

/** What of the exchange is open and has a place in its trace. */
const openIn = ({ span, scopes, subscriptions, streams }: ExchangeRecord) => {
  const open = [...scopes, ...subscriptions, ...streams].filter(
    (record) => record.endedAt === undefined && record.span.traceId === span.traceId,
  )
  for (const record of open) if (record.kind === "subscription") record.takeStock()
  return open
}
