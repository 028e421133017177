import type * as Types from "effect/Types"
import { LIFETIME_KIND } from "../attributes.ts"
import { text } from "./attribute-reader.ts"
import { worthATable } from "./indexed.ts"
import type {
  Exchange,
  Finalizer,
  Handler,
  OrphanFiber,
  Program,
  Queue,
  Scope,
  StreamRun,
  Subscription,
} from "./model.ts"
import { isMarker, type Marker, standIns } from "./open-marker.ts"
import type { Span } from "./span.ts"
import { clientSpan } from "./spans/client.ts"
import { exchangeSpan, serviceOf } from "./spans/exchange.ts"
import { isNamed } from "./spans/exchange-name.ts"
import { fiberSpan } from "./spans/fiber.ts"
import { finalizerSpan } from "./spans/finalizer.ts"
import { handlerSpan } from "./spans/handler.ts"
import { openKind } from "./spans/open.ts"
import { queueSpan } from "./spans/queue.ts"
import { scopeSpan } from "./spans/scope.ts"
import { streamSpan } from "./spans/stream.ts"
import { subscriptionSpan } from "./spans/subscription.ts"
import type { Trace } from "./trace.ts"

/** A server span is known by its kind and by what it served, never by its name. */
export const isServerSpan = (span: Span): boolean => span.kind === "server" && isNamed(span)

/** The exchanges of a trace, in order of their beginning, each with the lifetimes below it. */
export const exchangesOf = (trace: Trace): ReadonlyArray<Exchange> => rebuild(trace).exchanges

interface RebuiltTrace {
  readonly exchanges: ReadonlyArray<Exchange>
  /** What the trace tells of the program itself. */
  readonly program: Program | undefined
  /** The spans of the trace that tell of lifetimes, or of findings about them. */
  readonly lifetimes: ReadonlyArray<Span>
  /** Spans that other tracers recorded beside exchanges, and whose parent has not come. */
  readonly unplaced: ReadonlyArray<Span>
  /**
   * How many spans say only that another span is open, and that other span is there or is marked by a newer
   * one.
   */
  readonly folded: number
}

export const rebuild = (recorded: Trace): RebuiltTrace => {
  const servers: Array<Span> = []
  const lifetimes: Array<Span> = []
  const markers: Array<Marker> = []
  for (const span of recorded.values()) {
    if (isServerSpan(span)) servers.push(span)
    if (text(span, LIFETIME_KIND) === undefined) continue
    lifetimes.push(span)
    if (isMarker(span)) markers.push(span)
  }
  const open = standIns(recorded, markers)
  const trace = open.length === 0 ? recorded : withMore(recorded, open)
  for (const span of open) {
    if (isServerSpan(span)) servers.push(span)
    else if (text(span, LIFETIME_KIND) !== openKind) lifetimes.push(span)
  }
  const program = programOf(lifetimes)
  const folded = markers.length - open.length
  if (servers.length === 0) return { exchanges: [], program, lifetimes, unplaced: [], folded }
  servers.sort(byStart)
  lifetimes.sort(byStart)
  const below = sortBelow(trace, servers, lifetimes)
  const exchanges = servers.map((server) =>
    exchange(trace, server, below.get(server.spanId) ?? nothing),
  )
  return { exchanges, program, lifetimes, unplaced: unplacedOf(trace), folded }
}

const withMore = (trace: Trace, spans: ReadonlyArray<Span>): Trace =>
  new Map([...trace, ...spans.map((span) => [span.spanId, span] as const)])

/** A server span may have its parent elsewhere. The parent of an internal span is in the same program. */
const unplacedOf = (trace: Trace): ReadonlyArray<Span> => {
  const unplaced: Array<Span> = []
  for (const span of trace.values()) {
    const { parentSpanId, kind } = span
    if (parentSpanId === undefined || kind !== "internal" || trace.has(parentSpanId)) continue
    if (text(span, LIFETIME_KIND) === undefined) unplaced.push(span)
  }
  return unplaced
}

/** A fiber that belongs to no exchange is the root of a trace of its own. */
const programOf = (lifetimes: ReadonlyArray<Span>): Program | undefined => {
  const fibers = lifetimes.filter(
    (span) => text(span, LIFETIME_KIND) === "fiber" && span.parentSpanId === undefined,
  )
  const [first] = fibers
  if (first === undefined) return undefined
  return {
    service: serviceOf(first),
    endedAt: fibers.reduce((last, { endedAt }) => Math.max(last, endedAt), first.endedAt),
    orphans: fibers.map((span) => fiberSpan.read(span)),
    cutOff: undefined,
  }
}

/** The spans of one exchange, without the server's own. */
interface SpansBelow {
  /** In order of their beginning. */
  readonly lifetimes: Array<Span>
  /** What other tracers recorded right below the server's span. */
  readonly calls: Array<Span>
}

const nothing: SpansBelow = { lifetimes: [], calls: [] }

/** Looks at each span of the trace once: a trace can have tens of thousands, and as many exchanges. */
const sortBelow = (
  trace: Trace,
  servers: ReadonlyArray<Span>,
  lifetimes: ReadonlyArray<Span>,
): ReadonlyMap<string, SpansBelow> => {
  const below = new Map<string, SpansBelow>()
  for (const { spanId } of servers) below.set(spanId, { lifetimes: [], calls: [] })
  for (const span of trace.values()) {
    if (span.parentSpanId === undefined) continue
    const server = below.get(span.parentSpanId)
    if (server !== undefined && text(span, LIFETIME_KIND) === undefined) server.calls.push(span)
  }
  if (lifetimes.length === 0) return below
  const above = new Map<string, string | undefined>()
  const only = onlyServers(servers)
  for (const span of lifetimes) {
    const server = serverAbove(trace, span, below, above) ?? only.get(serviceOf(span))
    if (server !== undefined) below.get(server)?.lifetimes.push(span)
  }
  return below
}

/** If a parent is missing, a span is still safe to place if its service has only one server span. */
const onlyServers = (servers: ReadonlyArray<Span>): ReadonlyMap<string, string | undefined> => {
  const only = new Map<string, string | undefined>()
  for (const server of servers) {
    const service = serviceOf(server)
    only.set(service, only.has(service) ? undefined : server.spanId)
  }
  return only
}

/** The server span above, or the span itself; `known` remembers it for all spans on the way. */
const serverAbove = (
  trace: Trace,
  span: Span,
  servers: ReadonlyMap<string, unknown>,
  known: Map<string, string | undefined>,
): string | undefined => {
  const { parentSpanId: parent } = span
  if (parent !== undefined && servers.has(parent) && !servers.has(span.spanId)) return parent
  const passed: Array<string> = []
  let found: string | undefined
  let current: Span | undefined = span
  while (current !== undefined) {
    const { spanId, parentSpanId }: Span = current
    if (servers.has(spanId) || known.has(spanId)) {
      found = servers.has(spanId) ? spanId : known.get(spanId)
      break
    }
    // At once, so that a cycle of parents ends here.
    known.set(spanId, undefined)
    passed.push(spanId)
    current = parentSpanId === undefined ? undefined : trace.get(parentSpanId)
  }
  for (const spanId of passed) known.set(spanId, found)
  return found
}

const exchange = (trace: Trace, server: Span, { lifetimes, calls }: SpansBelow): Exchange => {
  const found: Types.Mutable<Exchange> = exchangeSpan.read(server)
  const parent = server.parentSpanId === undefined ? undefined : trace.get(server.parentSpanId)
  if (parent?.kind === "client") found.client = clientSpan.read(parent)
  if (calls.length > 0) found.handler = handler(calls, server)
  if (lifetimes.length > 0) addLifetimes(found, lifetimes)
  return found
}

const addLifetimes = (exchange: Types.Mutable<Exchange>, spans: ReadonlyArray<Span>): void => {
  const scopes: Array<Scope> = []
  const subscriptions: Array<Subscription> = []
  const queues: Array<Queue> = []
  const streams: Array<StreamRun> = []
  const orphans: Array<OrphanFiber> = []
  const finalizers: Array<Finalizer> = []
  for (const span of spans) {
    const kind = text(span, LIFETIME_KIND)
    if (kind === "scope") scopes.push(scopeSpan.read(span))
    else if (kind === "subscription") subscriptions.push(subscriptionSpan.read(span))
    else if (kind === "queue") queues.push(queueSpan.read(span))
    else if (kind === "stream") streams.push(streamSpan.read(span))
    else if (kind === "fiber") orphans.push(fiberSpan.read(span))
    else if (kind === "finalizer") finalizers.push(finalizerSpan.read(span))
  }
  exchange.scopes = scopes
  exchange.subscriptions = subscriptions
  exchange.queues = queues
  exchange.streams = streams
  exchange.orphans = orphans
  exchange.finalizers = finalizers
  if (spans.length >= worthATable) exchange.isLarge = true
}

/**
 * Of the spans right below the server's, the handler's begins last; others may be middleware. A failed one
 * counts only if none succeeded: it may belong to the body.
 */
const handler = (calls: ReadonlyArray<Span>, server: Span): Handler | undefined => {
  let found: Span | undefined
  for (const call of calls) {
    if (call.endedAt > server.endedAt) continue
    if (found === undefined || comesBehind(found, call)) found = call
  }
  return found === undefined ? undefined : handlerSpan.read(found)
}

const succeeded = ({ status }: Span): boolean => status.code !== "error"

const comesBehind = (a: Span, b: Span): boolean =>
  succeeded(a) === succeeded(b) ? startsBefore(a, b) : succeeded(b)

/** By time, and by id if times are equal, so that the order of arrival does not matter. */
const startsBefore = (a: Span, b: Span): boolean =>
  a.startedAt < b.startedAt || (a.startedAt === b.startedAt && a.spanId < b.spanId)

export const byStart = (a: Span, b: Span): number => (startsBefore(a, b) ? -1 : 1)
