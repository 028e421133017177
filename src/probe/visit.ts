import * as Effect from "effect/Effect"
import { formatMillis } from "../../otel/lifetimes/time.ts"
import { acceptedEncodings, isPlain } from "./content-encoding.ts"
import {
  type ClientView,
  defaultStreamLimits,
  isEventStream,
  type StreamLimits,
} from "./event-stream.ts"
import { NoAnswer, speaksTlsOnly } from "./no-answer.ts"
import { speaksTls } from "./speaks-tls.ts"
import { isSecure } from "./stream-request.ts"
import { openTracedClient, type RequestParts, type TracedClient } from "./traced-client.ts"
import { sendTrigger, type Trigger } from "./trigger.ts"

export interface VisitOptions {
  readonly request: RequestParts
  readonly connections: number
  /** Milliseconds until the clients leave. */
  readonly hold: number
  readonly trigger: Trigger | undefined
  /** Milliseconds that a server may take to answer and to send a first event. */
  readonly patience: number
}

/** One client of the stream, and what it saw. */
export interface Connection {
  readonly traceId: string
  /** The client's own span, and its name. */
  readonly spanId: string
  readonly operation: string
  readonly seen: ClientView
}

/** What all clients of one server saw. */
export interface Visit {
  readonly url: string
  readonly method: string
  readonly connections: ReadonlyArray<Connection>
  /** One more, whose client accepts no compression: if the others got a compressed answer, or none. */
  readonly uncompressed: Connection | undefined
  /** What went wrong with the trigger, if anything did. */
  readonly notes: ReadonlyArray<string>
}

/** All connections of a visit. */
export const connectionsOf = ({ connections, uncompressed }: Visit): ReadonlyArray<Connection> =>
  uncompressed === undefined ? connections : [...connections, uncompressed]

/**
 * Connects to an event stream as many clients, sends the trigger when each has had its first event or has
 * ended, holds the connections and leaves. Fails if the server cannot be reached.
 */
export const visit = Effect.fnUntraced(function* (url: string, options: VisitOptions) {
  const { connections, trigger, patience, hold } = options
  const limits = limitsFor(connections)
  const request = compressed(options.request, limits)
  const opened = Array.from({ length: connections }, () =>
    openTracedClient(url, { request, limits }),
  )
  const clients = yield* Effect.all(opened)
  const begun = trigger === undefined ? hasAnswered : hasBegun
  yield* untilEach(clients, begun).pipe(Effect.timeoutOption(patience))
  yield* checkReached(url, clients)
  const uncompressed = mayBeHeldBack(options.request, clients)
    ? yield* openTracedClient(url, { request: options.request, limits })
    : undefined
  const all = uncompressed === undefined ? clients : [...clients, uncompressed]
  yield* untilEach(all, begun).pipe(Effect.timeoutOption(patience))
  const notes = trigger === undefined ? [] : yield* pull(url, clients, trigger, options)
  yield* untilEach(all, () => false).pipe(Effect.timeoutOption(hold))
  if (uncompressed !== undefined && hasEvents(uncompressed.stream.seen)) {
    yield* untilEach(clients, hasEvents).pipe(Effect.timeoutOption(lateMillis))
  }
  yield* Effect.forEach(all, ({ stream }) => stream.leave, { discard: true })
  yield* checkReached(url, clients)
  const visited: Visit = {
    url,
    method: request.method,
    notes: [...notes, ...(yield* wrongProtocol(url, clients))],
    connections: clients.map(connectionOf),
    uncompressed: uncompressed && connectionOf(uncompressed),
  }
  return visited
}, Effect.scoped)

/** As browsers ask, unless the person has said what to accept. */
const compressed = (request: RequestParts, { decoding }: StreamLimits): RequestParts => ({
  ...request,
  headers: { "accept-encoding": acceptedEncodings(decoding), ...request.headers },
})

/** Only a GET is sent again: any other request may do twice what it does. */
const mayBeHeldBack = (
  { method, headers }: RequestParts,
  clients: ReadonlyArray<TracedClient>,
): boolean =>
  method === "GET" &&
  headers["accept-encoding"] === undefined &&
  clients.some(
    ({ stream: { seen } }) =>
      !hasEnded(seen) && (!hasAnswered(seen) || !isPlain(seen.contentEncoding)),
  )

const hasEvents = ({ firstEventMs }: ClientView): boolean => firstEventMs !== undefined

/** How long compression may delay an event that has come without it. */
const lateMillis = 500

/** How much all connections together may keep in this process, however hostile the server is. */
const memoryForAll = 256 * 1024 * 1024

const limitsFor = (connections: number): StreamLimits => ({
  ...defaultStreamLimits,
  event: Math.min(defaultStreamLimits.event, Math.floor(memoryForAll / connections)),
  decoding: Math.floor(memoryForAll / connections),
})

const hasAnswered = ({ status }: ClientView): boolean => status !== undefined

/** It has had its first event, or will never have one. */
const hasBegun = (seen: ClientView): boolean =>
  seen.firstEventMs !== undefined || (hasAnswered(seen) && !isEventStream(seen))

const untilEach = (
  clients: ReadonlyArray<TracedClient>,
  condition: (seen: ClientView) => boolean,
): Effect.Effect<void> =>
  Effect.forEach(clients, ({ stream }) => stream.until(condition), {
    concurrency: "unbounded",
    discard: true,
  })

const checkReached = Effect.fnUntraced(function* (
  url: string,
  clients: ReadonlyArray<TracedClient>,
) {
  for (const { stream } of clients) {
    const { failure, status, redirects } = stream.seen
    const asked = redirects.at(-1) ?? url
    if (failure === undefined || status !== undefined) continue
    if (failure.kind === "reset" && isSecure(asked)) continue
    const isTls = !isSecure(asked) && (yield* speaksTls(asked))
    if (failure.kind === "reset" && !isTls) continue
    const { origin, pathname } = new URL(asked)
    const reason = isTls ? speaksTlsOnly : failure.reason
    return yield* new NoAnswer({ server: origin + pathname, reason })
  }
})

/** Some servers that speak TLS answer plain http with 400, and no explanation. */
const wrongProtocol = Effect.fnUntraced(function* (
  url: string,
  clients: ReadonlyArray<TracedClient>,
) {
  const asked = clients.find(({ stream: { seen } }) => seen.status === 400)
  const last = asked?.stream.seen.redirects.at(-1) ?? url
  if (asked === undefined || isSecure(last) || !(yield* speaksTls(last))) return []
  return ["This port speaks TLS: write https:// instead of http://."]
})

const pull = Effect.fnUntraced(function* (
  url: string,
  clients: ReadonlyArray<TracedClient>,
  trigger: Trigger,
  { patience, request }: VisitOptions,
) {
  const waiting = clients.filter(({ stream: { seen } }) => !hasBegun(seen) && !hasEnded(seen))
  const early = `${waiting.length} of ${clients.length} connections had no event after ${formatMillis(patience)}, so the trigger was sent without waiting longer.`
  const problem = yield* sendTrigger(url, trigger, request.headers)
  return [...(waiting.length === 0 ? [] : [early]), ...(problem === undefined ? [] : [problem])]
})

const hasEnded = ({ endedBy }: ClientView): boolean => endedBy !== undefined

const connectionOf = ({ stream, ...client }: TracedClient): Connection => ({
  ...client,
  seen: stream.seen,
})
