import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import { type Exchange, isEventStream } from "../../otel/lifetimes/model.ts"
import type { AttributeValue, Span, SpanReference } from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import { kindIdsOf } from "./finding-kind.ts"
import type { ExchangeId, ExchangeRow } from "./snapshot.ts"

export const exchangeIdOf = ({ traceId, spanId }: SpanReference): ExchangeId =>
  `${traceId}.${spanId}`

/** What is known of its program. */
interface RowProgram {
  readonly run: number
  /** When it was last heard of, if it is gone. */
  readonly lastHeardAt?: Micros | undefined
}

/** The row of an exchange. `server` is its span, if that has come: the search reads its attributes too. */
export const exchangeRowOf = (
  { exchange, matches }: JudgedExchange,
  { run, lastHeardAt }: RowProgram,
  server?: Span,
): ExchangeRow => {
  const { service, route, startedAt, endedAt, status, streams, endedBy } = exchange
  const isStream = isEventStream(exchange) || streams.length > 0
  const kinds = kindIdsOf(matches)
  return {
    id: exchangeIdOf(exchange.span),
    run,
    service,
    route,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(endedAt !== undefined || lastHeardAt === undefined ? {} : { lastHeardAt }),
    state: endedAt !== undefined ? "ended" : lastHeardAt === undefined ? "open" : "last heard",
    ...(status === undefined ? {} : { status }),
    isStream,
    ...(isStream ? { events: streams.reduce((sum, { events }) => sum + events, 0) } : {}),
    ...(endedBy === undefined ? {} : { endedBy }),
    kinds,
    words: wordsOf(exchange, [...new Set(matches.map(({ rule }) => rule))]),
    ...(server === undefined ? {} : { attributes: attributesOf(server) }),
  }
}

/** Senders choose names and attributes. The search does not find what is beyond this. */
const longest = 600

const wordsOf = (exchange: Exchange, rules: ReadonlyArray<string>): string => {
  const { span, service, route, status, scopes, subscriptions, queues, streams } = exchange
  const owned = [...scopes, ...subscriptions, ...queues]
  // By these "Held now" leads to the exchanges that hold it.
  const functions = owned.flatMap(({ code }) => code?.function ?? [])
  const names = [...owned, ...streams].map(({ name }) => name)
  const words = [
    ...[route, service, span.traceId, span.spanId, String(status ?? "")],
    ...rules,
    ...new Set([...functions, ...names]),
  ]
  return words.join(" ").slice(0, longest).toLowerCase()
}

const attributesOf = ({ attributes }: Span): string =>
  Object.entries(attributes)
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(" ")
    .slice(0, longest)
    .toLowerCase()

const textOf = (value: AttributeValue): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value)
