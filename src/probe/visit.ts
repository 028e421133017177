import * as Effect from "effect/Effect"
import { formatMillis } from "../../otel/lifetimes/time.ts"
import {
  type ClientView,
  defaultStreamLimits,
  isEventStream,
  type StreamLimits,
} from "./event-stream.ts"
import { NoAnswer } from "./no-answer.ts"
import { openTracedClient, type TracedClient } from "./traced-client.ts"
import { sendTrigger, type Trigger } from "./trigger.ts"

export interface VisitOptions {
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
  readonly connections: ReadonlyArray<Connection>
  /** What went wrong with the trigger, if anything did. */
  readonly notes: ReadonlyArray<string>
}

/**
 * Connects to an event stream as many clients, sends the trigger when each has had its first event or
 * has ended, holds the connections and leaves. Fails where the server cannot be reached.
 */
export const visit = Effect.fnUntraced(function* (url: string, options: VisitOptions) {
  const limits = limitsFor(options.connections)
  const opened = Array.from({ length: options.connections }, () =>
    openTracedClient(url, { limits }),
  )
  const clients = yield* Effect.all(opened)
  const begun = options.trigger === undefined ? hasAnswered : hasBegun
  yield* untilEach(clients, begun).pipe(Effect.timeoutOption(options.patience))
  yield* checkReached(url, clients)
  const notes =
    options.trigger === undefined
      ? []
      : yield* pull(url, clients, options.trigger, options.patience)
  yield* untilEach(clients, () => false).pipe(Effect.timeoutOption(options.hold))
  yield* Effect.forEach(clients, ({ stream }) => stream.leave, { discard: true })
  yield* checkReached(url, clients)
  const visited: Visit = { url, notes, connections: clients.map(connectionOf) }
  return visited
}, Effect.scoped)

/** What all connections may make this process keep, however hostile the server is. */
const memoryForAll = 256 * 1024 * 1024

const limitsFor = (connections: number): StreamLimits => ({
  ...defaultStreamLimits,
  event: Math.min(defaultStreamLimits.event, Math.floor(memoryForAll / connections)),
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
    const { failure } = stream.seen
    if (failure?.kind !== "unreachable") continue
    const { origin, pathname } = new URL(url)
    return yield* new NoAnswer({ server: origin + pathname, reason: failure.reason })
  }
})

const pull = Effect.fnUntraced(function* (
  url: string,
  clients: ReadonlyArray<TracedClient>,
  trigger: Trigger,
  patience: number,
) {
  const waiting = clients.filter(({ stream: { seen } }) => !hasBegun(seen) && !hasEnded(seen))
  const early = `${waiting.length} of ${clients.length} connections had no event after ${formatMillis(patience)}; the trigger was sent all the same.`
  const problem = yield* sendTrigger(url, trigger)
  return [...(waiting.length === 0 ? [] : [early]), ...(problem === undefined ? [] : [problem])]
})

const hasEnded = ({ endedBy }: ClientView): boolean => endedBy !== undefined

const connectionOf = ({ stream, ...client }: TracedClient): Connection => ({
  ...client,
  seen: stream.seen,
})
