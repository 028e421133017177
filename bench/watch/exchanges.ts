import * as A from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { exchange } from "../traces.ts"

/** An exchange that ends now. Each number has its own trace; of every ten one is an event stream. */
export const exchangeNow = (number: number): ReadonlyArray<Span> => {
  const spans = exchange(number)
  const by = Date.now() * 1000 - Math.max(...spans.map(({ endedAt }) => endedAt))
  return spans.map((span) => ({
    ...span,
    startedAt: span.startedAt + by,
    endedAt: span.endedAt + by,
    events: span.events.map((event) => ({ ...event, time: event.time + by })),
  }))
}

/** An event stream that its handler's scope cut off, on a route of its own. */
export const brokenNow = (number: number, route: string): ReadonlyArray<Span> =>
  exchangeNow(number * 100).map((span) =>
    span.kind === "server"
      ? { ...span, attributes: { ...span.attributes, [A.HTTP_ROUTE]: route } }
      : span,
  )

/** An event stream of which nothing is to be said. */
export const streamNow = (number: number): ReadonlyArray<Span> => exchangeNow(number * 100 + 10)

export const rowIdOf = (spans: ReadonlyArray<Span>): string => {
  const server = spans.find(({ kind }) => kind === "server")
  return `${server?.traceId}.${server?.spanId}`
}
