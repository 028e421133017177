import type { Match } from "../../otel/lifetimes/finding.ts"
import type {
  Client,
  Exchange,
  OrphanFiber,
  Scope,
  StreamRun,
  Subscription,
} from "../../otel/lifetimes/model.ts"

import { at, client, exchange, fiber, scope, stream, subscription } from "../lifetimes/exchange.ts"

export { at }

const traceId = "0af7651916cd43dd8448eb211c80319c"

const span = (spanId: string) => ({ traceId, spanId })

const named = (spanId: string, name: string) => ({ span: span(spanId), name })

export const clientOf = (start: number, end?: number, more: Partial<Client> = {}): Client => ({
  ...client(end, undefined),
  ...named("c1", "client GET /event"),
  startedAt: at(start),
  ...more,
})

export const scopeOf = (
  spanId: string,
  name: string,
  start: number,
  end?: number,
  more: Partial<Scope> = {},
): Scope =>
  scope(name, [start, end], {
    ...named(spanId, name),
    role: "handler",
    parent: "e1",
    closedByFiber: 7,
    enteredClosed: false,
    ...more,
  })

export const subscriptionOf = (
  spanId: string,
  name: string,
  owner: Scope,
  start: number,
  end?: number,
  more: Partial<Subscription> = {},
): Subscription => subscription(owner, [start, end], { ...named(spanId, name), ...more })

export const streamRunOf = (
  spanId: string,
  name: string,
  start: number,
  end?: number,
  more: Partial<StreamRun> = {},
): StreamRun => stream([start, end], { ...named(spanId, name), fiber: 7, reads: [], ...more })

const fiberOf = (
  spanId: string,
  name: string,
  id: number,
  start: number,
  end?: number,
): OrphanFiber => fiber([start, end], { ...named(spanId, name), id })

export const exchangeOf = (start: number, end?: number, more: Partial<Exchange> = {}): Exchange =>
  exchange([start, end], {
    ...named("e1", "GET /event"),
    service: "scopeline-sse",
    endedBy: undefined,
    ...more,
  })

export const matchOf = (more: Partial<Match> = {}): Match => ({
  rule: "scope-closed-early",
  severity: "error",
  confidence: "certain",
  service: "scopeline-sse",
  route: "GET /event",
  operation: "scope handler",
  message:
    'Scope "handler" closed at 0.60 ms and released subscription "bus" while stream "event" had not ' +
    "yet begun to read it (it began at 0.70 ms); the stream ended at 1.10 ms after 0 events, and its " +
    "client saw a clean end.",
  evidence: {},
  code: undefined,
  suggestion: "Let the resource live as long as the body that reads it.",
  exchange: span("e1"),
  stream: "f1",
  spanIds: ["s2", "r1", "f1"],
  ...more,
})

/** The handler's own scope takes the subscription with it before the stream has begun. */
export const broken = (): Exchange => {
  const request = scopeOf("s1", "request", 0.3, 1.6, { role: "request" })
  const handler = scopeOf("s2", "handler", 0.4, 0.9, { parent: "s1" })
  return exchangeOf(0.3, 1.6, {
    headSentAt: at(1),
    endedBy: "server",
    scopes: [request, handler],
    subscriptions: [subscriptionOf("r1", "bus", handler, 0.6, 0.9)],
    streams: [
      streamRunOf("f1", "event", 1, 1.4, {
        reads: ["r1"],
        endedBy: "released",
        endedBySubscription: "r1",
      }),
    ],
    client: clientOf(0, 1.9, { endedBy: "server", events: 0 }),
  })
}

/** The subscription lives as long as the connection; the client leaves after about a second. */
export const fixed = (): Exchange => {
  const request = scopeOf("s1", "request", 0.3, 1012.7, { role: "request", exit: "interrupt" })
  const connection = scopeOf("s2", "connection", 0.5, 1012.6, { role: "connection", parent: "s1" })
  return exchangeOf(0.3, 1012.8, {
    headSentAt: at(0.9),
    endedBy: "client",
    scopes: [request, connection],
    subscriptions: [subscriptionOf("r1", "bus", connection, 0.6, 1012.5, { delivered: 6 })],
    streams: [
      streamRunOf("f1", "event", 1, 1012.4, {
        reads: ["r1"],
        exit: "interrupt",
        endedBy: "client",
        firstEventAt: at(1.1),
        events: 6,
      }),
    ],
    client: clientOf(0, 1013, { endedBy: "client", firstEventAt: at(1.6), events: 6 }),
  })
}

/** The client left after a second, and everything of the exchange is still open. */
export const unseenDisconnect = (): Exchange => {
  const request = scopeOf("s1", "request", 0.3, undefined, { role: "request" })
  return exchangeOf(0.3, undefined, {
    headSentAt: at(0.9),
    scopes: [request],
    subscriptions: [subscriptionOf("r1", "bus", request, 0.6)],
    streams: [streamRunOf("f1", "event", 1, undefined, { reads: ["r1"], events: 3 })],
    client: clientOf(0, 1013, { endedBy: "client", events: 3 }),
  })
}

/** The subscription belongs to the application and outlives client and exchange. */
export const leaked = (): Exchange => {
  const request = scopeOf("s1", "request", 0.3, 1012.7, { role: "request" })
  const application = scopeOf("s9", "application", 0, undefined, { role: "application" })
  return exchangeOf(0.3, 1012.8, {
    endedBy: "client",
    scopes: [request],
    subscriptions: [
      subscriptionOf("r1", "bus", application, 0.6, undefined, {
        owner: { name: "application", spanId: "s9", inExchange: false },
      }),
    ],
    streams: [
      streamRunOf("f1", "event", 1, 1012.4, { reads: ["r1"], endedBy: "client", events: 6 }),
    ],
  })
}

/** A request is answered at once, and two fibers that it detached go on. */
export const orphaned = (): Exchange =>
  exchangeOf(0, 1.1, {
    endedBy: "server",
    scopes: [scopeOf("s1", "request", 0.2, 1.2, { role: "request" })],
    orphans: [fiberOf("o2", "watch", 10, 1.2), fiberOf("o1", "report", 9, 1, 604)],
  })

/** The scope closes under a stream that has been running for five minutes. */
export const cutOffLate = (): Exchange => {
  const minute = 60_000
  const request = scopeOf("s1", "request", 0, 10 * minute, { role: "request" })
  const handler = scopeOf("s2", "handler", 0.4, 6 * minute, {
    parent: "s1",
    closedAt: at(5 * minute),
  })
  const other = scopeOf("s3", "other", 0.5, 2, { parent: "s1" })
  return exchangeOf(0, 10 * minute, {
    scopes: [request, handler, other],
    subscriptions: [
      subscriptionOf("r1", "bus", handler, 0.6, 5.5 * minute),
      subscriptionOf("r2", "quick", other, 0.7, 2),
    ],
    streams: [
      streamRunOf("f1", "event", 1, 9 * minute, {
        reads: ["r1"],
        endedBy: "released",
        endedBySubscription: "r1",
        firstEventAt: at(20),
        events: 4711,
      }),
      streamRunOf("f2", "brief", 1, 2, { endedBy: "upstream", events: 1 }),
    ],
  })
}
