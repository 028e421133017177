/**
 * A record of each kind in which every field says something: another thing than the reader makes of a span
 * in which nothing stands. A field that is added to a table is missing here until it is written down.
 */
import type { Match } from "../../../otel/lifetimes/finding.ts"
import type { Span, SpanReference } from "../../../otel/lifetimes/span.ts"
import { clientSpan } from "../../../otel/lifetimes/spans/client.ts"
import { exchangeNotes, exchangeSpan } from "../../../otel/lifetimes/spans/exchange.ts"
import { fiberSpan } from "../../../otel/lifetimes/spans/fiber.ts"
import { finalizerSpan } from "../../../otel/lifetimes/spans/finalizer.ts"
import {
  findingSpan,
  type ToldFinding,
  toldFinding,
} from "../../../otel/lifetimes/spans/finding.ts"
import { heldPlace, heldSpan } from "../../../otel/lifetimes/spans/held.ts"
import { openMarker } from "../../../otel/lifetimes/spans/open.ts"
import { queueSpan } from "../../../otel/lifetimes/spans/queue.ts"
import { scopeSpan } from "../../../otel/lifetimes/spans/scope.ts"
import { streamSpan } from "../../../otel/lifetimes/spans/stream.ts"
import { subscriptionSpan } from "../../../otel/lifetimes/spans/subscription.ts"
import type { SpanTable } from "../../../otel/lifetimes/spans/table.ts"
import { at } from "../exchange.ts"
import { event, spanId, traceId } from "../spans.ts"

interface Sample {
  readonly table: Pick<
    SpanTable<Pick<Span, "startedAt"> & { readonly span: object }, never>,
    "title" | "rows" | "read"
  >
  readonly record: object
  readonly span: Span
  /** Spans with what the record cannot have: that it is open, or that others wrote. */
  readonly others: ReadonlyArray<Span>
}

const reference = (name: string) => ({ traceId: traceId("trace"), spanId: spanId(name) })
const elsewhere = { traceId: traceId("elsewhere"), spanId: spanId("elsewhere") }
const own = { span: reference("own"), startedAt: at(1), endedAt: at(9) }

const match: Match = {
  rule: "scope-closed-early",
  severity: "error",
  confidence: "certain",
  service: "test",
  route: "GET /event",
  operation: "scope handler",
  message: "It closed too early.",
  evidence: { closed_ms: 3, subscription: "bus", seen: true },
  suggestion: "Let it live.",
  code: { function: "subscribe", file: "/app/event.ts", line: 12 },
  exchange: reference("server"),
  stream: own.span.spanId,
  spanIds: [spanId("handler"), spanId("bus")],
}

const told: ToldFinding = {
  ...match,
  code: { function: "subscribe", file: "/app/event.ts", line: 12 },
  evidenceSpans: [
    { span: reference("handler"), role: "cause", ended: true },
    { span: reference("bus"), role: "released", ended: false },
  ],
  causedBefore: at(-1),
  notSent: [traceId("dropped")],
}

/** The record of a lifetime, as far as a link needs it. */
const linked = (span: SpanReference) => ({ span, exchange: undefined, endedAt: undefined })

/** The span of what was written, as a recording has it. */
const spanOf = (
  name: string,
  { attributes, events, links, error }: ReturnType<typeof scopeSpan.write>,
): Span => ({
  ...own.span,
  parentSpanId: spanId("parent"),
  name,
  kind: "internal",
  startedAt: own.startedAt,
  endedAt: own.endedAt,
  attributes,
  events,
  links: links.map((link) => ({ ...link, attributes: {} })),
  status: error === undefined ? { code: "unset", message: "" } : { code: "error", message: error },
  resource: { "service.name": "test" },
  instrumentation: undefined,
})

type Record<T> = T extends SpanTable<unknown, infer R> ? R : never

const scope: Record<typeof scopeSpan> = {
  kind: "scope",
  name: "handler",
  parent: spanId("parent"),
  role: "connection",
  code: { function: "subscribe", file: "/app/event.ts", line: 12 },
  closedAt: at(8),
  exit: "interrupt",
  closedByFiber: 7,
  unowned: true,
  openedApart: true,
  kept: true,
  left: 3,
  enteredClosed: true,
  firstUse: { at: at(2), code: { function: "openCursor", file: "/app/cursor.ts", line: 3 } },
  handsOut: true,
  isAroundCall: true,
  finalizers: 2,
  endedAt: own.endedAt,
  ownedBy: linked(elsewhere),
}

const subscription: Record<typeof subscriptionSpan> = {
  kind: "subscription",
  name: "bus",
  code: { function: "events", file: "/app/event.ts", line: 24 },
  capacity: 64,
  replays: true,
  owner: { spanId: spanId("application"), name: "application", inExchange: false },
  ownerClosed: true,
  delivered: 1,
  backlogMax: 2,
  backlog: 3,
  fullFor: 4_500,
  missed: 5,
  missedBefore: 6,
  readByFork: true,
  withinStream: true,
  shared: true,
  beside: true,
  endedWithProgram: true,
  finished: true,
  untracedReadAt: at(2),
  unreadPublishAt: at(3),
  sourceEnd: {
    at: at(4),
    how: "shutdown",
    replaced: true,
    byReader: true,
    byHandler: true,
    by: { name: "reload", span: elsewhere, belongsTo: "another exchange" },
    code: { function: "reload", file: "/app/reload.ts", line: 5 },
  },
  readerFailed: {
    at: at(7),
    name: "send",
    id: 13,
    error: "cannot encode",
    code: { function: "send", file: "/app/send.ts", line: 9 },
  },
  feederFailed: {
    at: at(5),
    name: "poll",
    id: 12,
    error: "no access",
    stoppedWith: elsewhere.traceId,
    code: { function: "poll", file: "/app/poll.ts", line: 8 },
  },
  publishedElsewhere: { at: at(6), count: 4 },
  stalled: { at: at(7), lasted: 2_000 },
  releasedBy: spanId("handler"),
  endedAt: own.endedAt,
  pubsub: { id: "1", published: 7 },
  firstEventAt: at(1.5),
  ownerScope: linked(elsewhere),
}

const queue: Record<typeof queueSpan> = {
  kind: "queue",
  name: "subscribe",
  code: { function: "subscribe", file: "/app/event.ts", line: 12 },
  capacity: 64,
  readBy: [spanId("event")],
  withinStream: true,
  backlogMax: 2,
  backlog: 1,
  fullFor: 4_500,
  finished: true,
  feederFailed: {
    at: at(5),
    name: "poll",
    id: 12,
    error: "no access",
    stoppedWith: elsewhere.traceId,
    code: { function: "poll", file: "/app/poll.ts", line: 8 },
  },
  endedAt: own.endedAt,
}

const stream: Record<typeof streamSpan> = {
  kind: "stream",
  name: "event",
  fiber: 1,
  events: 2,
  reads: [spanId("bus")],
  endedBy: "released",
  firstEventAt: at(2),
  refused: { at: at(3), subscription: spanId("refusing") },
  cutOff: { at: at(4), by: 5 },
  shutQueue: {
    at: at(3),
    by: { name: "request", span: elsewhere, belongsTo: "the program" },
    byHandler: true,
    code: { function: "reap", file: "/app/reap.ts", line: 7 },
  },
  exit: "failure",
  endedBySubscription: elsewhere.spanId,
  endedByForeign: {
    subscription: elsewhere,
    name: "relay",
    owner: "request",
    code: { function: "makeRelay", file: "/app/relay.ts", line: 4 },
    belongsTo: "another exchange",
    releasedFor: 5_000,
  },
  failure: { type: "RangeError", message: "too far", defect: true },
  endedAt: own.endedAt,
  readsFrom: [linked(reference("bus"))],
}

const fiber: Record<typeof fiberSpan> = {
  kind: "fiber",
  name: "report",
  id: 9,
  code: { function: "report", file: "/app/report.ts", line: 3 },
  fedUnreadAt: at(7),
  stalled: { at: at(6), lasted: 1_000 },
  left: 2,
  stopped: true,
  match,
  endedAt: own.endedAt,
}

const finalizer: Record<typeof finalizerSpan> = {
  kind: "finalizer",
  name: "openSession",
  what: "fiber",
  scope: "application",
  code: { function: "openSession", file: "/app/session.ts", line: 24 },
  removed: true,
  left: 3,
  endedAt: own.endedAt,
}

const exchange: Record<typeof exchangeSpan> = {
  kind: "exchange",
  name: "http.server GET",
  service: "test",
  route: "POST /event",
  status: 201,
  failure: undefined,
  handlerReturnedAt: at(2),
  headSentAt: at(3),
  clientLeftAt: at(4),
  leaveSeenAt: at(5),
  stopBeganAt: at(6),
  stoppingSince: at(4),
  stalled: { at: at(5), lasted: 3_000 },
  defaultRead: { at: at(6.5), reference: "Tenant" },
  cutOff: {
    at: at(7.5),
    otherTrace: elsewhere.traceId,
    by: { name: "request", span: elsewhere, belongsTo: "another exchange" },
    code: { function: "start", file: "/app/start.ts", line: 9 },
  },
  endedBy: "client",
  failed: true,
  contentType: "text/event-stream",
  endedAt: own.endedAt,
  openUntil: undefined,
  said: match,
  handler: undefined,
  scopes: [],
  subscriptions: [],
  queues: [],
  streams: [],
  orphans: [],
  finalizers: [],
  client: undefined,
}

const client: Record<typeof clientSpan> = {
  kind: "client",
  name: "client GET /event",
  firstByteAt: at(2),
  firstEventAt: at(3),
  endedBy: "error",
  events: 4,
  ownEvents: 5,
  endedAt: own.endedAt,
  method: "GET",
  url: "http://127.0.0.1/event",
  variant: "fixed",
  status: 200,
  leftAt: own.endedAt,
}

const marker: Record<typeof openMarker> = { kindOfSpan: "scope", parentSpanId: spanId("above") }

const held: Record<typeof heldSpan> = {
  total: 7,
  rest: 2,
  pid: 4711,
  lost: 3,
  isLast: true,
}

const place: Record<typeof heldPlace> = {
  kind: "subscription",
  name: "bus",
  code: { function: "subscribe", file: "/app/bus.ts", line: 41 },
  count: 5,
  oldest: 9_000,
}

const sample = <A extends Pick<Span, "startedAt"> & { readonly span: object }, R extends object>(
  table: SpanTable<A, R>,
  name: string,
  record: R,
  writtenByOthers: ReadonlyArray<Span> = [],
): Sample => {
  const span = spanOf(name, table.write(record, own.span))
  const open = spanOf(name, table.write({ ...record, endedAt: undefined }, own.span))
  return { table, record, span, others: [open, ...writtenByOthers] }
}

/** As another tracer writes it. */
const servedBy = (attributes: Span["attributes"], events: Span["events"]): Span => ({
  ...spanOf("http.server GET", exchangeSpan.write(exchange, own.span)),
  attributes,
  events,
})

/** What we add to the span that Effect makes. */
export const addedToServerSpan = (route: string): Span =>
  spanOf("http.server GET", exchangeNotes.write({ ...exchange, route }, own.span))

export const samples: ReadonlyArray<Sample> = [
  sample(scopeSpan, "scope handler", scope),
  sample(subscriptionSpan, "subscription bus", subscription),
  sample(queueSpan, "queue subscribe", queue),
  sample(streamSpan, "stream event", stream),
  sample(streamSpan, "stream event", { ...stream, endedByForeign: undefined }, [
    spanOf("stream event", streamSpan.write(stream, own.span)),
  ]),
  sample(fiberSpan, "fiber report", fiber),
  sample(finalizerSpan, "finalizer openSession", finalizer),
  sample(exchangeSpan, exchange.name, exchange, [
    servedBy({ "url.path": "/event" }, []),
    servedBy({ "exchange.name": "RPC ticks" }, []),
    servedBy({}, [
      event("exception", 5, {
        "exception.type": "Error",
        "exception.message": "no space left",
        "effect.failure.defect": false,
      }),
    ]),
  ]),
  sample(clientSpan, client.name, client, [
    {
      ...spanOf(client.name, clientSpan.write(client, own.span)),
      attributes: { "lifetime.open": true },
    },
  ]),
  sample(findingSpan, "finding scope-closed-early", told),
  sample(toldFinding, "stream event", match),
  sample(openMarker, "open scope handler", marker),
  sample(heldSpan, "held", held),
  sample(heldPlace, "held", place),
]
