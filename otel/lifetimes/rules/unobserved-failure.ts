import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { oneLine, quotedError } from "../error-text.ts"
import type { Evidence } from "../finding.ts"
import { known } from "../known-evidence.ts"
import type { Exchange, FeederFailure, Queue, StreamRun, Subscription } from "../model.ts"
import { judgeOpenSince } from "../open-since.ts"
import { quoted } from "../quoted.ts"
import { isOver, queuesReadBy, readBy } from "../relations.ts"
import { all, type Moment, ofEach, type Rule, type RuleHit, type Verdict } from "../rule.ts"
import { readSource } from "../shown-by.ts"
import { capitalized, pubsubText, queueText, resourceText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"
import { lostReader } from "./unobserved/socket-reader.ts"

export const unobservedFailure: Rule<"unobserved-failure"> = {
  name: "unobserved-failure",
  severity: "error",
  symptom: "A stream and its heartbeats stay, but its events stop. Nothing is logged.",
  summary: "The fiber that fed the stream failed, and nobody was told.",
  meaning: `Only one fiber had ever fed what the stream reads: it had published to the PubSub, or put something into the
Queue that was made for the request. The fiber failed, nothing awaited it, and the stream stayed open for longer than the
grace period. No event can come any more. The request or the program may have started the fiber. A FiberSet, FiberMap
or FiberHandle keeps the failure for those who \`join\` it: if nobody does, nobody was told. It is \`likely\`, because
somebody may be about to start another.

It also applies to a WebSocket. The fiber that had read what the socket is subscribed to failed, and nothing awaited it.
The socket stayed open for longer than the grace period, and nothing else read it.

The rule says nothing in these cases:

- The fiber serves a request: its client is told, and the next request publishes again.
- Something else has fed the PubSub or the Queue, before or after.
- The PubSub or the Queue was ended or shut down.
- The stream also reads something that is still fed.
- The fiber failed before it had fed anything: what it was supposed to feed is not known.`,
  suggestion: `Start the fiber again when it fails, and log why:

  yield* poll.pipe(
    Effect.tapCause(Effect.logError),
    Effect.sandbox, // or a defect is not retried
    Effect.retry(Schedule.exponential("1 second")),
    Effect.forkScoped
  )

Where it cannot go on, end what it feeds. The clients see the end, and connect again:

  yield* poll.pipe(
    Effect.ensuring(PubSub.shutdown(bus)),
    Effect.forkScoped
  )`,
  incidents: [
    {
      title: "zio-kafka #1705",
      url: "https://github.com/zio/zio-kafka/issues/1705",
      story: "The one fiber that polled died, and every stream that it fed waited for ever.",
    },
    {
      title: "OpenCode #15645",
      url: "https://github.com/anomalyco/opencode/issues/15645",
      story: "The event stream went on with heartbeats alone after its listener was gone.",
    },
  ],
  shownBy: readSource,
  judge: (exchange, moment) =>
    all(ofEach(exchange.streams, judgeStream, exchange, moment), lostReader(exchange, moment)),
}

/** A queue that is shut down loses what waits in it, and fails the body. One that ends does neither. */
const ofQueue = `End the queue when the fiber stops. The client gets what still waits, sees the end, and asks again:

  const queue = yield* Queue.bounded<Event, Cause.Done>(16)
  yield* poll.pipe(
    Effect.tapCause(Effect.logError),
    Effect.ensuring(Queue.end(queue)), // not Queue.shutdown
    Effect.forkScoped
  )

If the work can go on, start it again before that: Effect.sandbox, Effect.retry(Schedule.exponential("1 second")).`

type Source = Subscription | Queue

interface LostFeeder {
  readonly source: Source
  readonly failure: FeederFailure
}

const judgeStream = (exchange: Exchange, stream: StreamRun, moment: Moment): Verdict => {
  const lost = lastToLoseItsFeeder(exchange, stream)
  if (lost === undefined) return []
  const since = Math.max(lost.failure.at, stream.startedAt, lost.source.startedAt)
  return judgeOpenSince(exchange, stream, since, moment, (openUntil) =>
    describe(exchange, stream, lost, openUntil),
  )
}

/** The source of a stream whose feeder was the last to fail; none if one is still fed. */
const lastToLoseItsFeeder = (exchange: Exchange, stream: StreamRun): LostFeeder | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  if (subscriptions.some(isStillFed)) return undefined
  const queues = queuesReadBy(exchange, stream)
  if (queues.some(isStillFed)) return undefined
  let last: LostFeeder | undefined
  for (const source of [...subscriptions, ...queues]) {
    const { feederFailed: failure, withinStream } = source
    if (failure === undefined || withinStream) continue
    if (last === undefined || last.failure.at < failure.at) last = { source, failure }
  }
  return last
}

/** Or another rule explains why it is not fed any more. */
const isStillFed = (source: Source): boolean =>
  !source.withinStream &&
  (source.feederFailed === undefined ||
    source.feederFailed.stoppedWith !== undefined ||
    isOver(source))

const describe = (
  exchange: Exchange,
  stream: StreamRun,
  { source, failure }: LostFeeder,
  openUntil: Micros,
): RuleHit => {
  const { millis } = timesSince(exchange.startedAt)
  const since = Math.max(failure.at, stream.startedAt)
  const open = formatMillis(millisBetween(since, openUntil))
  return {
    confidence: "likely", // somebody may be about to start another
    ...(source.kind === "queue" ? { suggestion: ofQueue } : {}),
    operation: spanName.fiber(failure.name),
    message:
      `${capitalized(quoted("fiber", failure.name))} failed ${whenFailed(exchange, failure)} with ` +
      `${quotedError(failure.error)}, and ` +
      `nobody was told. No other had ${feeding(source)}, which stream ` +
      `"${stream.name}" reads: it ` +
      (stream.endedAt === undefined
        ? `was still open when it was judged, ${open} later.`
        : `stayed open for ${open} without an event.`),
    evidence: {
      fiber: failure.name,
      ...known({ "fiber.id": failure.id }),
      "fiber.failed_ms": millis(failure.at),
      "exception.message": oneLine(failure.error),
      ...codeEvidence(failure.code),
      ...evidenceOf(source),
      stream: stream.name,
      "stream.open_until_ms": millis(openUntil),
    },
    stream: stream.span.spanId,
    spanIds: [source.span.spanId, stream.span.spanId],
  }
}

const feeding = (source: Source): string =>
  source.kind === "queue"
    ? `put anything into ${queueText(source)}`
    : `published to ${pubsubText(source)}`

const evidenceOf = (source: Source): Evidence =>
  source.kind === "queue"
    ? { queue: source.name, "backlog.end": source.backlog }
    : { resource: resourceText(source), "resource.delivered": source.delivered }

const whenFailed = ({ startedAt, route }: Exchange, { at }: FeederFailure): string => {
  const time = formatMillis(Math.abs(millisBetween(startedAt, at)))
  return at < startedAt ? `${time} before ${route} began` : `at ${time}`
}
