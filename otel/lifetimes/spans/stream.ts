import {
  EXIT,
  FIBER_ID,
  PUBSUB_NAME,
  SCOPE_BELONGS_TO,
  STREAM_ENDED_BY,
  SUBSCRIPTION_OWNER,
  SUBSCRIPTION_SPAN_ID,
} from "../../attributes.ts"
import { belongings, exitKinds, type StreamEnd, streamEnds } from "../terms.ts"
import type { Micros } from "../time.ts"
import { codeOf } from "./code.ts"
import { event, type LinkedLifetime, linkedAs, links, timeOf, unread } from "./entry.ts"
import { failure } from "./failure.ts"
import { attribute, happening, moment, nameIn, needed, optional, time } from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import { count, flag, id, ids, millis, oneOf, or, text } from "./notation.ts"
import { endedByScope } from "./subscription.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

const releasedUnder = attribute(
  SUBSCRIPTION_SPAN_ID,
  id,
  "The span id of the subscription whose release ended it.",
)

/** The same if that belongs to another exchange, with the scope that owned it. */
const foreign = optional({
  subscription: needed(
    optional({
      traceId: needed(
        attribute(
          "effect.resource.trace_id",
          id,
          "The trace of that subscription, where it belongs to another exchange.",
        ),
      ),
      spanId: needed(releasedUnder),
    }),
  ),
  name: attribute(PUBSUB_NAME, or(text, ""), "Of such a subscription: its PubSub."),
  owner: attribute(SUBSCRIPTION_OWNER, or(text, ""), "And the scope that owned it."),
  code: codeOf("around the opening of that scope"),
  belongsTo: needed(attribute(SCOPE_BELONGS_TO, oneOf(belongings), "To whom that scope belongs.")),
  releasedFor: attribute(
    "effect.resource.released_for_ms",
    millis,
    "For how long the subscription had been released when the run ended.",
  ),
})

/** What a record of a stream knows besides. */
export interface More {
  readonly endedAt: Micros | undefined
  readonly endedBy: StreamEnd | undefined
  readonly readsFrom: ReadonlyArray<LinkedLifetime>
}

export const streamSpan = spanTable<More>()(
  "stream NAME",
  "One run of a stream, from its first pull to its end.",
  {
    kind: kindOf("stream"),
    name: nameIn("effect.stream.name", "The name given to the stream."),
    fiber: attribute(FIBER_ID, count, "The fiber that ran it."),
    events: attribute("effect.stream.events", or(count, 0), "Elements that the run produced."),
    reads: attribute("effect.stream.reads", ids, "Span ids of the subscriptions that it read."),
    endedBy: attribute(STREAM_ENDED_BY, oneOf(streamEnds), "What ended the run."),
    firstEventAt: moment("stream.first_event", "The run produced its first element."),
    refused: happening(
      "stream.refused",
      "The run was first turned away by a subscription that had been released.",
      {
        at: time,
        subscription: needed(
          attribute(SUBSCRIPTION_SPAN_ID, id, "The span id of that subscription."),
        ),
      },
    ),
    cutOff: happening(
      "stream.cut_off",
      "A fiber of the stream last met an interrupt that was not sent to it.",
      {
        at: time,
        by: attribute(
          FIBER_ID,
          count,
          "The fiber that caused it; the stream's own where what it asked for was gone.",
        ),
      },
    ),
    shutQueue: happening(
      "stream.queue_shut",
      "The run ended on a queue that was shut down or interrupted then.",
      {
        at: time,
        by: endedByScope,
        byHandler: attribute(
          "effect.queue.shut_by_handler",
          flag,
          "The handler of this exchange did it, before it returned.",
        ),
        code: codeOf("that did it, or that opened the scope that did"),
      },
    ),
    end: event("stream.end", "The run ended.", {
      at: timeOf(({ endedAt }) => endedAt),
      exit: attribute(EXIT, oneOf(exitKinds), "With which exit."),
      why: unread(
        STREAM_ENDED_BY,
        oneOf(streamEnds),
        ({ endedBy }) => endedBy,
        "What ended the run.",
        "the span says it too",
      ),
      endedBySubscription: releasedUnder,
      endedByForeign: foreign,
      failure,
    }),
    read: links(
      ({ readsFrom }) => readsFrom.map((subscription) => linkedAs("read", subscription)),
      "The subscriptions that it read.",
      "an attribute says it",
    ),
    endedAt: ended,
  },
)

/** One run of a stream. */
export interface StreamRun extends LifetimeOf<typeof streamSpan> {}
