import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { text } from "../../otel/lifetimes/attribute-reader.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { subscriptionLeak } from "../../otel/lifetimes/rules/subscription-leak.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { toldFinding } from "../../otel/lifetimes/spans/finding.ts"
import { streamSpan } from "../../otel/lifetimes/spans/stream.ts"
import { formatMillis, millisBetween } from "../../otel/lifetimes/time.ts"

/**
 * A subscription has a span only when it is released. If a finished stream read it and it still has no span, it
 * is held.
 */
interface HeldSubscription {
  readonly spanId: string
  readonly reader: Span
}

/** What is held in one trace, except what the server itself has judged. */
export const heldSubscriptions = (spans: ReadonlyArray<Span>): ReadonlyArray<HeldSubscription> => {
  const known = new Set(spans.map(({ spanId }) => spanId))
  for (const span of spans) {
    const { rule, spanIds } = toldFinding.read(span)
    if (rule !== undefined) for (const spanId of spanIds) known.add(spanId)
  }
  return spans
    .filter((span) => text(span, LIFETIME_KIND) === "stream")
    .flatMap((reader) =>
      readsOf(reader)
        .filter((spanId) => !known.has(spanId))
        .map((spanId) => ({ spanId, reader })),
    )
}

/** In its own trace: what belongs to the program has a separate trace, and may outlive the stream. */
const readsOf = (stream: Span): ReadonlyArray<string> => {
  const { reads } = streamSpan.read(stream)
  return stream.links
    .filter(({ traceId, spanId }) => traceId === stream.traceId && reads.includes(spanId))
    .map(({ spanId }) => spanId)
}

/** No message was published that would prove the leak, so this is only `likely`. */
export const heldTooLong = (
  exchange: Exchange,
  { spanId, reader }: HeldSubscription,
  heldMillis: number,
): Match | undefined => {
  if (exchange.endedAt === undefined) return undefined
  const ended = millisBetween(exchange.startedAt, exchange.endedAt)
  return {
    rule: subscriptionLeak.name,
    severity: subscriptionLeak.severity,
    confidence: "likely",
    suggestion: subscriptionLeak.suggestion,
    code: undefined,
    service: exchange.service,
    route: exchange.route,
    operation: reader.name,
    message:
      `A subscription that ${reader.name} of ${exchange.route} had read was not released within ` +
      `${formatMillis(heldMillis)} after its exchange had ended at ${formatMillis(ended)}. One ` +
      "more is kept with every client that leaves.",
    evidence: {
      stream: reader.name,
      "exchange.ended_ms": ended,
      "held.ms": heldMillis,
      "survived.publish": false,
    },
    exchange: exchange.span,
    stream: undefined,
    spanIds: [spanId, reader.spanId],
  }
}
