import { unnamed } from "../../attributes.ts"
import { codeOf } from "./code.ts"
import { feederFailure } from "./fiber-failure.ts"
import { attribute, nameIn } from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import { count, flag, ids, millisUnlessZero, or } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

export const queueSpan = spanTable()(
  "queue NAME",
  "A Queue that was made for an exchange and that a stream of it read, until its end or that of the exchange.",
  {
    kind: kindOf("queue"),
    name: nameIn(
      "effect.queue.name",
      `The function in which it was made, or \`${unnamed.queue}\`.`,
    ),
    code: codeOf("around its making"),
    capacity: attribute(
      "effect.queue.capacity",
      count,
      "Its capacity in messages; absent if it has none.",
    ),
    readBy: attribute("effect.queue.read_by", ids, "Span ids of the streams that read it."),
    withinStream: attribute(
      "effect.queue.within_stream",
      flag,
      "The stream that reads it also fills it, as with `Stream.buffer`.",
    ),
    backlogMax: attribute(
      "effect.queue.backlog.max",
      or(count, 0),
      "The most messages that were seen waiting in it.",
    ),
    backlog: attribute(
      "effect.queue.backlog",
      or(count, 0),
      "Messages that waited in it when its reader stopped, or now.",
    ),
    fullFor: attribute(
      "effect.queue.full_for_ms",
      millisUnlessZero,
      "The longest time that 1,000 or more messages waited, if it has no capacity.",
    ),
    finished: attribute(
      "effect.queue.finished",
      flag,
      "It was ended, failed or shut down while it was read: nothing more could come.",
    ),
    feederFailed: feederFailure(
      "queue.feeder_failed",
      "The only fiber that had ever put something into it failed, and nobody was told.",
    ),
    endedAt: ended,
  },
)

/** A Queue that was made for an exchange, and that one of its streams read. */
export interface Queue extends LifetimeOf<typeof queueSpan> {}
