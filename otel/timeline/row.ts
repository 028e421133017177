import { spanName } from "../attributes.ts"
import { counted } from "../lifetimes/counted.ts"
import type {
  Client,
  ClientEnd,
  Consumer,
  ConsumerEnd,
  Exchange,
  Lifetime,
  OrphanFiber,
  Resource,
  Scope,
} from "../lifetimes/model.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import { printable } from "./printable.ts"

export type RowKind = "client" | "exchange" | "scope" | "resource" | "consumer" | "fiber"

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
  readonly kind: RowKind
  /** How many rows enclose it; the client and the exchange have 0. */
  readonly depth: number
  readonly label: string
  readonly interval: Interval
  readonly marks: ReadonlyArray<Mark>
  /** What to say about it in a few words each, the most telling first. */
  readonly facts: ReadonlyArray<string>
}

const longestLabel = 200

/** Makes the rows of one exchange; times count from `origin`. */
export const rowMaker = (exchange: Exchange, origin: Micros) => {
  const since = (time: Micros) => millisBetween(origin, time)
  const row = (
    kind: RowKind,
    depth: number,
    label: string,
    lifetime: Lifetime,
    happened: ReadonlyArray<readonly [MarkKind, Micros | undefined]>,
    facts: ReadonlyArray<string>,
  ): Row => ({
    spanId: lifetime.span.spanId,
    kind,
    depth,
    label: printable(label, longestLabel),
    interval: {
      start: since(lifetime.startedAt),
      end: lifetime.endedAt === undefined ? undefined : since(lifetime.endedAt),
    },
    marks: happened.flatMap(([mark, time]) =>
      time === undefined ? [] : [{ kind: mark, at: since(time) }],
    ),
    facts: facts.map((fact) => printable(fact, longestLabel)),
  })
  return {
    client: (client: Client): Row =>
      row(
        "client",
        0,
        `client ${exchange.route}`,
        client,
        [["first-event", client.firstEventAt]],
        clientFacts(client),
      ),
    exchange: (): Row =>
      row(
        "exchange",
        0,
        exchange.route,
        exchange,
        [["head-sent", exchange.headSentAt]],
        exchangeFacts(exchange),
      ),
    scope: (scope: Scope, depth: number): Row =>
      row(
        "scope",
        depth,
        spanName.scope(scope.name),
        scope,
        [["scope-closed", scope.closedAt ?? scope.endedAt]],
        [],
      ),
    resource: (resource: Resource, depth: number): Row =>
      row(
        "resource",
        depth,
        spanName.subscription(resource.name),
        resource,
        [["released", resource.endedAt]],
        resourceFacts(exchange, resource),
      ),
    consumer: (consumer: Consumer, depth: number): Row =>
      row(
        "consumer",
        depth,
        spanName.stream(consumer.name),
        consumer,
        [
          ["first-event", consumer.firstEventAt],
          ["stream-ended", consumer.endedAt],
        ],
        consumerFacts(consumer),
      ),
    orphan: (fiber: OrphanFiber, depth: number): Row =>
      row("fiber", depth, spanName.fiber(fiber.name), fiber, [], ["nothing owns it"]),
  }
}

const clientEnds: Readonly<Record<ClientEnd, string>> = {
  client: "the client left",
  server: "the server ended it",
  shutdown: "the server shut down",
  error: "the connection broke",
}

/** Ends what is said of a client to which its server also sent events of its own accord. */
export const ownEvents = " own"

const clientFacts = (client: Client): ReadonlyArray<string> => [
  `received ${counted(client.events, "event")}` +
    (client.ownEvents === 0 ? "" : ` + ${client.ownEvents}${ownEvents}`),
  ...(client.endedBy === undefined ? [] : [clientEnds[client.endedBy]]),
]

const exchangeFacts = ({ status, endedBy }: Exchange): ReadonlyArray<string> => [
  ...(status === undefined ? [] : [`status ${status}`]),
  ...(endedBy === undefined
    ? []
    : [endedBy === "shutdown" ? "the server shut down" : `ended by the ${endedBy}`]),
]

const resourceFacts = (exchange: Exchange, resource: Resource): ReadonlyArray<string> => {
  const { owner } = resource
  if (resource.endedAt === undefined) {
    if (owner.name === "") return ["still held"]
    const holder = owner.spanId === undefined ? owner.name : spanName.scope(owner.name)
    return [`still held by ${holder}`]
  }
  const closer = exchange.scopes.find((scope) => scope.span.spanId === resource.releasedBy)
  return [closer === undefined ? "released" : `released by ${spanName.scope(closer.name)}`]
}

const consumerEnds: Readonly<Record<Exclude<ConsumerEnd, "failure">, string>> = {
  upstream: "upstream ended",
  released: "cut off",
  client: "the client left",
  shutdown: "the server shut down",
}

const consumerFacts = ({ events, endedBy, failure }: Consumer): ReadonlyArray<string> => {
  const count = counted(events, "event")
  if (endedBy === undefined) return [count]
  if (endedBy !== "failure") return [count, consumerEnds[endedBy]]
  return ["failed", count, ...(failure === undefined ? [] : [failure.message])]
}
