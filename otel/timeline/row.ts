import { spanName } from "../attributes.ts"
import type {
  Client,
  Exchange,
  Finalizer,
  Handler,
  Lifetime,
  OrphanFiber,
  Queue,
  Scope,
  StreamRun,
  Subscription,
} from "../lifetimes/model.ts"
import type { LifetimeKind } from "../lifetimes/terms.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import { printable } from "./printable.ts"
import {
  clientDetails,
  type Details,
  exchangeDetails,
  finalizerDetails,
  queueDetails,
  scopeDetails,
  streamDetails,
  subscriptionDetails,
} from "./row-details.ts"
import {
  clientFacts,
  exchangeFacts,
  type Facts,
  finalizerFacts,
  outcomeAlone,
  queueFacts,
  streamFacts,
  subscriptionFacts,
} from "./row-facts.ts"

/** Milliseconds since the origin of the layout; an `end` that is `undefined` means: still open. */
export interface Interval {
  readonly start: number
  readonly end: number | undefined
}

export type MarkKind = "scope-closed" | "released" | "head-sent" | "first-event" | "stream-ended"

/** Something that happened inside a lifetime; `at` in milliseconds since the origin of the layout. */
export interface Mark {
  readonly kind: MarkKind
  readonly at: number
}

/** One lifetime, as one line of a drawing. Its texts are printable as they are. */
export interface Row {
  readonly spanId: string
  readonly kind: LifetimeKind
  /** How many rows enclose it; the client and the exchange have 0. */
  readonly depth: number
  readonly label: string
  readonly interval: Interval
  readonly marks: ReadonlyArray<Mark>
  /** What to say about it in a few words each, the most telling first. */
  readonly facts: ReadonlyArray<string>
  /** How it ended, without what is chance; see `Facts`. */
  readonly outcome: string
  /** What else is known of it. */
  readonly details: Details
}

const longestLabel = 200

/** Makes the rows of one exchange; times count from `origin`. */
export const rowMaker = (exchange: Exchange, origin: Micros) => {
  const since = (time: Micros) => millisBetween(origin, time)
  const row = (
    depth: number,
    label: string,
    lifetime: Lifetime,
    happened: ReadonlyArray<readonly [MarkKind, Micros | undefined]>,
    facts: Facts,
    details: Details = [],
  ): Row => ({
    spanId: lifetime.span.spanId,
    kind: lifetime.kind,
    depth,
    label: printable(label, longestLabel),
    interval: {
      start: since(lifetime.startedAt),
      end: lifetime.endedAt === undefined ? undefined : since(lifetime.endedAt),
    },
    marks: happened.flatMap(([mark, time]) =>
      time === undefined ? [] : [{ kind: mark, at: since(time) }],
    ),
    facts: facts.all.map((fact) => printable(fact, longestLabel)),
    outcome: printable(facts.outcome.join(", "), longestLabel),
    details: details.map(([key, value]) => [key, printable(value, longestLabel)]),
  })
  return {
    client: (client: Client): Row =>
      row(
        0,
        `client ${exchange.route}`,
        client,
        [["first-event", client.firstEventAt]],
        clientFacts(client),
        clientDetails,
      ),
    exchange: (): Row =>
      row(
        0,
        exchange.route,
        exchange,
        [["head-sent", exchange.headSentAt]],
        exchangeFacts(exchange),
        exchangeDetails(exchange),
      ),
    handler: (handler: Handler): Row =>
      row(
        1,
        handler.name,
        handler,
        [],
        outcomeAlone([handler.succeeded ? "ended well" : "failed"]),
      ),
    scope: (scope: Scope, depth: number): Row =>
      row(
        depth,
        spanName.scope(scope.name),
        scope,
        [["scope-closed", scope.closedAt ?? scope.endedAt]],
        outcomeAlone([]),
        scopeDetails(scope),
      ),
    subscription: (subscription: Subscription, depth: number): Row =>
      row(
        depth,
        spanName.subscription(subscription.name),
        subscription,
        [["released", subscription.endedAt]],
        subscriptionFacts(exchange, subscription),
        subscriptionDetails(subscription),
      ),
    queue: (queue: Queue, depth: number): Row =>
      row(depth, spanName.queue(queue.name), queue, [], queueFacts(queue), queueDetails(queue)),
    stream: (stream: StreamRun, depth: number): Row =>
      row(
        depth,
        spanName.stream(stream.name),
        stream,
        [
          ["first-event", stream.firstEventAt],
          ["stream-ended", stream.endedAt],
        ],
        streamFacts(stream),
        streamDetails(stream),
      ),
    orphan: (fiber: OrphanFiber, depth: number): Row =>
      row(
        depth,
        spanName.fiber(fiber.name),
        fiber,
        [],
        outcomeAlone([
          fiber.fedUnreadAt === undefined ? "nothing owns it" : "it feeds a stream that is over",
        ]),
      ),
    finalizer: (finalizer: Finalizer, depth: number): Row =>
      row(
        depth,
        spanName.finalizer(finalizer.name),
        finalizer,
        [],
        finalizerFacts(finalizer),
        finalizerDetails(finalizer),
      ),
  }
}
