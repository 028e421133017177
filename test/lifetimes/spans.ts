import * as A from "../../otel/attributes.ts"
import type { Attributes, Span, SpanEvent } from "../../otel/lifetimes/span.ts"
import { at, type Millis } from "./exchange.ts"

const hex = (text: string, digits: number): string =>
  Buffer.from(text).toString("hex").slice(0, digits).padEnd(digits, "0")

/** A span id that can be told by the name it was made from. */
export const spanId = (name: string): string => hex(name, 16)

export const traceId = (name: string): string => hex(name, 32)

export const event = (name: string, millis: number, attributes: Attributes = {}): SpanEvent => ({
  name,
  time: at(millis),
  attributes,
})

interface SpanFields extends Partial<Omit<Span, "startedAt" | "endedAt">> {
  readonly below?: string
}

/** A span of the one trace. One without an end is marked as open, and ends at 10 s. */
export const span = (
  name: string,
  [start, end]: Millis,
  { below, attributes = {}, ...more }: SpanFields = {},
): Span => ({
  traceId: traceId("trace"),
  spanId: spanId(name),
  parentSpanId: below === undefined ? undefined : spanId(below),
  name,
  kind: "internal",
  startedAt: at(start),
  endedAt: at(end ?? 10_000),
  attributes: { ...attributes, ...(end === undefined ? { [A.LIFETIME_OPEN]: true } : {}) },
  events: [],
  links: [],
  status: { code: "unset", message: "" },
  resource: { [A.SERVICE_NAME]: "test" },
  instrumentation: undefined,
  ...more,
})

export const server = (millis: Millis, more: Attributes = {}, name = "server"): Span =>
  span(name, millis, {
    kind: "server",
    below: "client",
    attributes: {
      [A.HTTP_METHOD]: "GET",
      [A.HTTP_ROUTE]: "/event",
      [A.HTTP_STATUS]: 200,
      [A.HTTP_CONTENT_TYPE]: ["text/event-stream"],
      [A.EXCHANGE_ENDED_BY]: "server",
      ...more,
    },
    events: [event("exchange.handler_returned", 1), event("exchange.head_sent", 1)],
  })

export const client = (millis: Millis): Span =>
  span("client", millis, {
    kind: "client",
    attributes: { [A.CLIENT_ENDED_BY]: "client", "client.events": 4 },
    events: [event("client.first_byte", 2), event("client.first_event", 3)],
  })

export const scopeSpan = (name: string, role: string, millis: Millis, below: string): Span =>
  span(name, millis, {
    below,
    attributes: { [A.LIFETIME_KIND]: "scope", [A.SCOPE_NAME]: name, [A.SCOPE_ROLE]: role },
    events:
      millis[1] === undefined
        ? []
        : [
            event("scope.close", millis[1], {
              [A.EXIT]: "success",
              [A.FIBER_ID]: 7,
              "effect.scope.finalizers": 2,
            }),
          ],
  })

export const subscriptionSpan = (
  owner: string,
  millis: Millis,
  { below = owner, attributes = {}, events = [] }: SpanFields = {},
): Span =>
  span("bus", millis, {
    below,
    attributes: {
      [A.LIFETIME_KIND]: "subscription",
      [A.PUBSUB_NAME]: "bus",
      [A.SCOPE_SPAN_ID]: spanId(owner),
      [A.SUBSCRIPTION_OWNER]: owner,
      "effect.subscription.delivered": 4,
      ...attributes,
    },
    events: [
      ...events,
      ...(millis[1] === undefined
        ? []
        : [event("subscription.released", millis[1], { [A.SCOPE_SPAN_ID]: spanId(owner) })]),
    ],
  })

export const streamSpan = (
  millis: Millis,
  endedBy: string,
  end: Attributes = {},
  below = "server",
): Span =>
  span("stream", millis, {
    below,
    attributes: {
      [A.LIFETIME_KIND]: "stream",
      "effect.stream.name": "event",
      [A.FIBER_ID]: 7,
      "effect.stream.events": 5,
      "effect.stream.reads": [spanId("bus")],
      [A.STREAM_ENDED_BY]: endedBy,
    },
    events:
      millis[1] === undefined
        ? []
        : [event("stream.end", millis[1], { [A.EXIT]: "success", ...end })],
  })

/** The handler's scope releases what the stream reads. */
export const broken: ReadonlyArray<Span> = [
  client([-1, 4]),
  server([0, 3]),
  scopeSpan("request", "request", [0.1, 3], "server"),
  scopeSpan("handler", "handler", [0.2, 0.9], "request"),
  subscriptionSpan("handler", [0.3, 0.9]),
  streamSpan([1, 2], "released", { [A.SUBSCRIPTION_SPAN_ID]: spanId("bus") }),
]

/** The connection's scope releases it when the client has left. */
export const fixed: ReadonlyArray<Span> = [
  client([-1, 101]),
  server([0, 100], { [A.EXCHANGE_ENDED_BY]: "client" }),
  scopeSpan("request", "request", [0.1, 100], "server"),
  scopeSpan("connection", "connection", [0.2, 99], "request"),
  subscriptionSpan("connection", [0.3, 99]),
  streamSpan([1, 98], "client", { [A.EXIT]: "interrupt" }),
]

/** The application's scope holds it when the recording stops. */
export const leaking: ReadonlyArray<Span> = [
  client([-1, 101]),
  server([0, 100], { [A.EXCHANGE_ENDED_BY]: "client" }),
  scopeSpan("request", "request", [0.1, 100], "server"),
  subscriptionSpan("application", [0.3], {
    below: "request",
    attributes: { "effect.subscription.owner.outside_exchange": true },
    events: [event("subscription.unread_publish", 150)],
  }),
  streamSpan([1, 98], "client", { [A.EXIT]: "interrupt" }),
]

const fiberSpan = (millis: Millis, more: SpanFields = {}): Span =>
  span("fiber report", millis, {
    ...more,
    attributes: { [A.LIFETIME_KIND]: "fiber", "effect.fiber.name": "report", [A.FIBER_ID]: 9 },
  })

/** A fiber of the program still runs when that stops. */
export const leftBehind: ReadonlyArray<Span> = [fiberSpan([0])]

/** A fiber of the exchange runs on for good. */
export const orphaned: ReadonlyArray<Span> = [
  server([0, 100]),
  scopeSpan("request", "request", [0.1, 100], "server"),
  fiberSpan([50], { below: "server" }),
]

/** Nobody closes the scope of a request without a body. */
export const unclosed: ReadonlyArray<Span> = [
  server([0, 2], { [A.HTTP_METHOD]: "HEAD" }),
  scopeSpan("request", "request", [0.1], "server"),
  subscriptionSpan("request", [0.5]),
]

/** A body whose subscription has all that can go wrong with one. */
const reading = (events: ReadonlyArray<SpanEvent>, attributes: Attributes): ReadonlyArray<Span> => {
  const body = streamSpan([1, 5_000], "client", { [A.EXIT]: "interrupt" })
  return [
    server([0, 5_000], { [A.EXCHANGE_ENDED_BY]: "client" }),
    scopeSpan("request", "request", [0.1, 5_000], "server"),
    subscriptionSpan("request", [5, 5_000], { attributes, events }),
    { ...body, events: [event("stream.first_event", 2), ...body.events] },
  ]
}

/** It was subscribed late and read too slowly. */
export const slow = reading([], {
  "effect.pubsub.capacity": 8,
  "effect.subscription.missed_before": 2,
  "effect.subscription.missed": 3,
  "effect.subscription.backlog": 8,
  "effect.subscription.backlog.max": 8,
  "effect.subscription.full_for_ms": 1_500,
})

/** Its PubSub was shut down, and something merged into the body kept that open. */
export const starved = reading(
  [
    event("subscription.source_end", 100, {
      "effect.pubsub.end": "shutdown",
      "effect.pubsub.replaced": true,
      [A.SCOPE_NAME]: "reload",
      [A.SCOPE_SPAN_ID]: spanId("reload"),
      "effect.scope.trace_id": traceId("reload"),
      [A.SCOPE_BELONGS_TO]: "another exchange",
    }),
  ],
  { "effect.subscription.read_by_fork": true, "effect.pubsub.replays": true },
)

/** What it read belonged to another exchange. */
export const bound: ReadonlyArray<Span> = [
  server([0, 101]),
  scopeSpan("request", "request", [0.1, 101], "server"),
  streamSpan([1, 100], "released", {
    [A.SUBSCRIPTION_SPAN_ID]: spanId("theirs"),
    "effect.resource.trace_id": traceId("theirs"),
    [A.PUBSUB_NAME]: "relay",
    [A.SUBSCRIPTION_OWNER]: "request",
    [A.SCOPE_BELONGS_TO]: "another exchange",
  }),
]

/** The same spans as another trace, with a number in their ids. */
export const renamed = (spans: ReadonlyArray<Span>, number: number): ReadonlyArray<Span> =>
  spans.map((it) => ({
    ...it,
    traceId: traceId(`trace ${number}`),
    startedAt: it.startedAt + number,
    endedAt: it.endedAt + number,
    events: it.events.map((one) => ({ ...one, time: one.time + number })),
  }))

/** Traces of every kind of lifetime, healthy and not. */
export const allKinds: ReadonlyArray<Span> = [
  ...[broken, fixed, leaking, broken, orphaned, unclosed, slow, starved, bound, leftBehind].flatMap(
    (spans, index) => renamed(spans, index),
  ),
]
