import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { counted } from "../counted.ts"
import { type Exchange, growing, type Queue, type StreamRun, type Subscription } from "../model.ts"
import { readerOf, readersOf } from "../relations.ts"
import { all, type Moment, NotYet, ofEach, type Rule, type RuleHit, type Verdict } from "../rule.ts"
import { readSource } from "../shown-by.ts"
import { isSocket } from "../spans/exchange-name.ts"
import { stalledSince } from "../stalled-since.ts"
import { placedQueue, placedSubscription, resourceText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween } from "../time.ts"

export const slowConsumer: Rule<"slow-consumer"> = {
  name: "slow-consumer",
  severity: "warning",
  symptom: "Memory grows while one client reads too slowly, or that client misses events.",
  summary: "The backlog of a subscription or a queue reached its capacity, or grows without one.",
  meaning: `The rule applies to these:

- **A subscription with a capacity** lost messages because it was full. Or its publishers found it full for longer than
  the grace period, and nobody took a message.
- **A subscription without a capacity** still had 1,000 or more messages waiting at its end, had them for longer than
  the grace period, and its backlog was at least half of its peak.
- **A subscription that a WebSocket reads**: the same. It is \`likely\`, because the program may read only some of it. What
  was lost counts as soon as the next message is taken.
- **A Queue without a capacity** that was made for the request and that its stream reads, also by \`Stream.callback\` or
  \`Stream.buffer\`: the same, until the Queue is ended. After that nothing more comes.

Healthy: a burst that is read, and a slow reader that keeps up. A capacity of 1 keeps the latest value, or a signal, and
loses the rest on purpose. A body or a WebSocket that has read what it needs goes on with something else, and what the
subscription loses from then on is not missed. If it takes another message later, all of that was missed. It is also
missed if the client does not read, and while \`Stream.mapEffect\` or \`Stream.tap\` works on a message of a body that
would take more. A Queue with a capacity is bounded; the program decides what it does with the rest.`,
  suggestion: `Limit what waits for one client, and make the PubSub unbounded for that. With a capacity, all readers wait
for the slowest one (\`bounded\`), or messages are lost and no client is told (\`sliding\`, \`dropping\`). Reset the
connection of a client that is far behind: it connects again, and knows that it missed something.

  const bus = yield* PubSub.unbounded<Event>()
  // in the handler
  yield* PubSub.remaining(subscription).pipe(
    Effect.repeat({
      schedule: Schedule.spaced("100 millis"),
      until: (waiting) => waiting > 1000
    }),
    // destroys the response of the platform
    Effect.andThen(resetConnection),
    Effect.forkScoped
  )

Without \`Stream.buffer({ capacity: "unbounded" })\`: what waits there is not counted. Give a Queue a capacity, and end it
when it is full: its client connects again.

  const queue = yield* Queue.dropping<Event, Cause.Done>(1000)
  // for each event
  if (!Queue.offerUnsafe(queue, event)) Queue.endUnsafe(queue)`,
  incidents: [
    {
      title: "OpenCode #31923",
      url: "https://github.com/anomalyco/opencode/issues/31923",
      story:
        "An unbounded queue for each connection grew behind a socket that nobody read any more, to " +
        "24.5 GB.",
    },
  ],
  shownBy: readSource,
  judge: (exchange, moment) =>
    all(
      ofEach(exchange.subscriptions, judgeSubscription, exchange, moment),
      ofEach(exchange.queues, judgeQueue, exchange, moment),
    ),
}

const judgeSubscription = (
  exchange: Exchange,
  subscription: Subscription,
  moment: Moment,
): ReadonlyArray<RuleHit> => {
  const [reader] = readersOf(exchange, subscription)
  // A WebSocket has no stream: one of its fibers passes on what it reads.
  const isOfSocket = reader === undefined && isReadBySocket(exchange, subscription)
  const trouble =
    reader === undefined && !isOfSocket
      ? undefined
      : troubleOf(
          subscription,
          moment.grace + stalledSince(exchange.startedAt, exchange, subscription),
        )
  if (trouble === undefined) return []
  const lasted = millisBetween(subscription.startedAt, subscription.endedAt ?? moment.now)
  return [
    {
      confidence: isOfSocket ? "likely" : trouble.confidence,
      operation: spanName.subscription(subscription.name),
      message:
        `${reader === undefined ? exchange.route : `Stream "${reader.name}"`} did not keep up with ` +
        `${placedSubscription(subscription)}: in ` +
        `${formatMillis(lasted)} it took ${counted(subscription.delivered, "message")}, and ${trouble.what}.`,
      evidence: {
        resource: resourceText(subscription),
        ...(reader === undefined ? {} : { stream: reader.name }),
        "resource.delivered": subscription.delivered,
        "backlog.max": subscription.backlogMax,
        "backlog.end": subscription.backlog,
        capacity: subscription.capacity ?? "unbounded",
        "messages.missed": subscription.missed,
        "full.for_ms": subscription.fullFor / 1000,
        ...codeEvidence(subscription.code),
      },
      stream: reader?.span.spanId,
      spanIds: [subscription.span.spanId, (reader ?? exchange).span.spanId],
      isForHandler: true,
    },
  ]
}

const isReadBySocket = ({ route }: Exchange, { delivered, shared }: Subscription): boolean =>
  isSocket(route) && delivered > 0 && !shared

const troubleOf = (
  { capacity, missed, fullFor, backlog, backlogMax }: Subscription,
  grace: Micros,
): (Pick<RuleHit, "confidence"> & { readonly what: string }) | undefined => {
  if (missed > 0 && capacity !== 1) {
    return {
      confidence: "certain",
      what:
        `${counted(missed, "message was", "messages were")} lost because its backlog had reached its capacity` +
        (capacity === undefined ? "" : ` of ${capacity}`),
    }
  }
  // Publishers never wait for a subscription that loses messages.
  if (fullFor <= grace || missed > 0) return undefined
  if (capacity !== undefined) {
    return {
      confidence: "certain",
      what: `publishers found its backlog of ${capacity} full for ${formatMillis(fullFor / 1000)}`,
    }
  }
  if (!grows({ backlog, backlogMax })) return undefined
  return {
    confidence: "likely",
    what: `${backlog} waited in its backlog, which has no bound and grows`,
  }
}

const grows = ({ backlog, backlogMax }: Pick<Queue, "backlog" | "backlogMax">): boolean =>
  backlog >= growing && backlog * 2 >= backlogMax

/** Once it is ended nothing more comes, however much waits. */
const judgeQueue = (exchange: Exchange, queue: Queue, moment: Moment): Verdict => {
  const { capacity, finished, fullFor, endedAt } = queue
  const reader = readerOf(exchange, queue)
  if (reader === undefined || capacity !== undefined || finished || !grows(queue)) return []
  const patience = moment.grace + stalledSince(exchange.startedAt, exchange)
  if (fullFor > patience) return [ofQueue(queue, reader, moment)]
  return endedAt === undefined && !moment.final
    ? new NotYet(moment.now + patience - fullFor + 1)
    : []
}

const ofQueue = (queue: Queue, reader: StreamRun, { now }: Moment): RuleHit => {
  const { backlog, backlogMax, fullFor, startedAt, endedAt } = queue
  const lasted = millisBetween(startedAt, endedAt ?? now)
  return {
    confidence: "likely",
    operation: spanName.queue(queue.name),
    message:
      `Stream "${reader.name}" did not keep up with ${placedQueue(queue)}: after ` +
      `${formatMillis(lasted)} ${backlog} messages waited in it, which has no bound, and ` +
      `${growing} or more had for ${formatMillis(fullFor / 1000)}.`,
    evidence: {
      queue: queue.name,
      stream: reader.name,
      "backlog.max": backlogMax,
      "backlog.end": backlog,
      capacity: "unbounded",
      "full.for_ms": fullFor / 1000,
      ...codeEvidence(queue.code),
    },
    stream: reader.span.spanId,
    spanIds: [queue.span.spanId, reader.span.spanId],
  }
}
