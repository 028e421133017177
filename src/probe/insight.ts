import { counted } from "../../otel/lifetimes/counted.ts"
import { type Diagnosis, diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { formatMillis, type Micros } from "../../otel/lifetimes/time.ts"
import { heldSubscriptions, heldTooLong } from "./held-subscription.ts"
import { type ArrivedSpans, type Patience, tellsOfExchange } from "./server-spans.ts"

/** What the server's own spans say of the connections, by trace. */
export interface Insight {
  readonly matches: ReadonlyArray<Match>
  /** Traces in which the server's spans explain the end of the stream. */
  readonly explained: ReadonlySet<string>
  /** Traces that ended because the server was shut down. */
  readonly shutdown: ReadonlySet<string>
  readonly notes: ReadonlyArray<string>
  /** For drawing. */
  readonly exchanges: ReadonlyArray<JudgedExchange>
  readonly spans: ReadonlyArray<Span>
}

export const noInsight: Insight = {
  matches: [],
  explained: new Set(),
  shutdown: new Set(),
  notes: [],
  exchanges: [],
  spans: [],
}

/** `others`: whether other requests have their server spans. */
export const insightOf = (
  arrived: ReadonlyArray<ArrivedSpans>,
  patience: Patience,
  others: boolean,
): Insight => {
  const judgeable = arrived.filter(({ spans }) => spans.some(tellsOfExchange))
  const diagnosis = diagnoseAll(judgeable, patience.grace)
  const held = judgeHeld(judgeable, diagnosis, patience.grace)
  const matches = [...diagnosis.exchanges.flatMap((judged) => judged.matches), ...held]
  const tracesOf = (exchanges: ReadonlyArray<JudgedExchange>) =>
    exchanges.map(({ exchange }) => exchange.span.traceId)
  const shutdown = tracesOf(diagnosis.exchanges.filter(({ exchange }) => isShutdown(exchange)))
  const finite = tracesOf(diagnosis.exchanges.filter(cameToItsEnd))
  return {
    matches,
    explained: new Set([...matches.map((it) => it.exchange.traceId), ...shutdown, ...finite]),
    shutdown: new Set(shutdown),
    notes: [
      ...notesOnMissing(arrived, judgeable, patience, others),
      ...notesOnOpen(judgeable, held, patience),
      ...(judgeable.length === 0 ? [] : diagnosis.notes),
      ...notesOnFinite(finite.length),
    ],
    exchanges: withHeld(diagnosis.exchanges, held),
    spans: arrived.flatMap(({ spans }) => spans),
  }
}

/** The exchanges with what is known only here about what they still hold. */
const withHeld = (
  exchanges: ReadonlyArray<JudgedExchange>,
  held: ReadonlyArray<Match>,
): ReadonlyArray<JudgedExchange> =>
  exchanges.map(({ exchange, matches }) => {
    const { traceId } = exchange.span
    return {
      exchange,
      matches: [...matches, ...held.filter((it) => it.exchange.traceId === traceId)],
    }
  })

const diagnoseAll = (arrived: ReadonlyArray<ArrivedSpans>, grace: Micros): Diagnosis =>
  diagnose(
    arrived.flatMap(({ spans }) => spans),
    { grace, arriving: true },
  )

const isShutdown = ({ endedBy }: Exchange): boolean => endedBy === "shutdown"

/** Everything that wrote its body came to its own end, and no rule objects to that. */
const cameToItsEnd = ({ exchange, matches }: JudgedExchange): boolean =>
  exchange.endedBy === "server" &&
  matches.length === 0 &&
  exchange.streams.length > 0 &&
  exchange.streams.every(({ endedBy }) => endedBy === "upstream")

const judgeHeld = (
  arrived: ReadonlyArray<ArrivedSpans>,
  { exchanges }: Diagnosis,
  grace: Micros,
): ReadonlyArray<Match> =>
  arrived.flatMap(({ traceId, spans, answeredFor }) => {
    if (answeredFor === undefined || answeredFor * 1000 <= grace) return []
    const judged = exchanges.find(({ exchange }) => exchange.span.traceId === traceId)
    if (judged === undefined) return []
    return heldSubscriptions(spans).flatMap(
      (held) => heldTooLong(judged.exchange, held, answeredFor) ?? [],
    )
  })

const notesOnMissing = (
  arrived: ReadonlyArray<ArrivedSpans>,
  judgeable: ReadonlyArray<ArrivedSpans>,
  { wait }: Patience,
  others: boolean,
): ReadonlyArray<string> => {
  const missing = arrived.length - judgeable.length
  if (missing === 0) return []
  if (others && judgeable.length === 0) {
    return [
      `Server spans of other requests came, but none of these connections within ${formatMillis(wait)}: ` +
        "either their exchanges are still open, and the server has not noticed that its clients " +
        "left, or it does not trace them. What it did after the client left was not judged.",
    ]
  }
  const which = missing === arrived.length ? "" : ` for ${missing} of ${arrived.length} connections`
  return [
    `This server sends no server spans, or none arrived within ${formatMillis(wait)}${which}: what ` +
      "it did after the client left was not judged.",
  ]
}

const notesOnOpen = (
  arrived: ReadonlyArray<ArrivedSpans>,
  held: ReadonlyArray<Match>,
  { wait }: Patience,
): ReadonlyArray<string> => {
  const judged = new Set(held.map(({ exchange }) => exchange.traceId))
  const open = arrived.filter(({ traceId, whole }) => !whole && !judged.has(traceId)).length
  if (open === 0) return []
  return [
    `What lived under ${counted(open, "exchange")} had not all ended after ${formatMillis(wait)} and was not ` +
      "judged: wait longer with --wait.",
  ]
}

const notesOnFinite = (count: number): ReadonlyArray<string> =>
  count === 0
    ? []
    : [
        `The server's spans say that ${counted(count, "stream")} read everything there was, and ended: ` +
          "nothing was taken away.",
      ]
