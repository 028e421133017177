import { spanName } from "../../attributes.ts"
import { type Consumer, type Exchange, type Resource, readBy, type SourceEnd } from "../model.ts"
import { type Held, type Moment, NotYet, type Rule, together, type Verdict } from "../rule.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

export const starvedStream: Rule = {
  name: "starved-stream",
  severity: "error",
  symptom: "A client stays connected and is sent heartbeats, and no event ever again.",
  summary: "The stream is open, but its upstream was shut down or replaced.",
  meaning: `Every subscription that the stream reads lost its PubSub, and the stream went on for longer than
the grace period. A PubSub is lost when it is shut down, or when another of its name takes its place after
the scope that made it had closed. Something merged into the stream, such as a heartbeat, keeps it open,
and no event can come any more. A stream that goes on to something else, on the fiber that read the
subscription, is healthy. So is everything while the program stops.`,
  suggestion: `Let the stream end with its upstream, so that its client connects again:

  Stream.merge(events, heartbeat, { haltStrategy: "left" })

or send heartbeats through the PubSub itself. Where the PubSub is replaced (a reload), end the streams
of the old one.`,
  incidents: [
    {
      title: "OpenCode #38458",
      url: "https://github.com/anomalyco/opencode/issues/38458",
      story: "The event stream stayed open and carried nothing but heartbeats while a turn ran.",
    },
    {
      title: "OpenCode #27966",
      url: "https://github.com/anomalyco/opencode/issues/27966",
      story:
        "Publishers and subscribers were on different instances of the bus (see PR #27825): the stream " +
        "was open, and no event reached it.",
    },
  ],
  judge: (exchange, moment) =>
    together(exchange.consumers.map((consumer) => judgeConsumer(exchange, consumer, moment))),
}

interface Lost {
  readonly resource: Resource
  readonly end: SourceEnd
}

const judgeConsumer = (exchange: Exchange, consumer: Consumer, moment: Moment): Verdict => {
  const lost = lastToLoseItsSource(exchange, consumer)
  if (lost === undefined || consumer.startedAt > lost.end.at) return []
  if (anotherReadsOn(exchange, lost.end.at)) return []
  const openUntil = consumer.endedAt ?? exchange.openUntil ?? moment.now
  if (openUntil - lost.end.at > moment.grace) return [describe(exchange, consumer, lost, openUntil)]
  if (consumer.endedAt !== undefined || moment.final) return []
  return new NotYet(lost.end.at + moment.grace)
}

/** The program may stop, and where only its maker is gone, a PubSub may live on with its publishers. */
const isLoss = ({ how, by, replaced }: SourceEnd): boolean => {
  if (how === "ended") return false
  return replaced || (how === "shutdown" && by?.belongsTo !== "the program")
}

/** Of all that a stream reads the one that was last to lose its source; none where one still has it. */
const lastToLoseItsSource = (exchange: Exchange, consumer: Consumer): Lost | undefined => {
  const resources = readBy(exchange, consumer)
  if (resources.length < consumer.reads.length) return undefined // some belong to others
  let last: Lost | undefined
  for (const resource of resources) {
    const { sourceEnd: end, readByFork } = resource
    if (!readByFork || end === undefined || !isLoss(end)) return undefined
    if (last === undefined || last.end.at < end.at) last = { resource, end }
  }
  return last
}

/** A stream within it, or around it, that has something to read. */
const anotherReadsOn = (exchange: Exchange, lostAt: Micros): boolean =>
  exchange.consumers.some(
    (consumer) =>
      (consumer.endedAt === undefined || consumer.endedAt > lostAt) &&
      readBy(exchange, consumer).some(({ sourceEnd }) => sourceEnd === undefined),
  )

const describe = (
  exchange: Exchange,
  consumer: Consumer,
  { resource, end }: Lost,
  openUntil: Micros,
): Held => {
  const { millis, text } = timesSince(exchange.startedAt)
  const what =
    end.how === "shutdown" ? "was shut down" : "was left behind when the scope that made it closed"
  const isOpen = consumer.endedAt === undefined
  const open = formatMillis(millisBetween(end.at, openUntil))
  return {
    // Only its maker is known to be gone; others may publish to it.
    confidence: end.how === "abandoned" ? "likely" : "certain",
    operation: spanName.subscription(resource.name),
    message:
      `PubSub "${resource.name}" ${what}${end.replaced ? " and replaced by a new one" : ""} at ` +
      `${text(end.at)}, and stream "${consumer.name}", which read nothing else, ` +
      (isOpen ? `was still open when it was judged, ${open} later` : `ran on for ${open}`) +
      ": no event can reach it any more.",
    evidence: {
      stream: consumer.name,
      resource: resource.name,
      "source.ended_ms": millis(end.at),
      "source.end": end.how,
      "source.replaced": end.replaced,
      "source.ended_by": end.by?.name ?? "unknown",
      "stream.open_until_ms": millis(openUntil),
      "resource.delivered": resource.delivered,
    },
    consumer: consumer.span.spanId,
    spanIds: [resource.span.spanId, consumer.span.spanId],
  }
}
