import {
  EXCHANGE_ENDED_BY,
  FINDING,
  FINDING_MESSAGE,
  FINDING_SEVERITY,
  HTTP_CONTENT_TYPE,
  HTTP_STATUS,
  OLD_HTTP_STATUS,
  SERVICE_NAME,
} from "../../attributes.ts"
import { asCount, asText } from "../attribute-reader.ts"
import type { Match } from "../finding.ts"
import type { Span } from "../span.ts"
import { exchangeEnds } from "../terms.ts"
import type { Client } from "./client.ts"
import { codeOf } from "./code.ts"
import { byOthers, ofOtherSpans, type Unread, unread, unwritten } from "./entry.ts"
import { nameNote, nameOfExchange } from "./exchange-name.ts"
import { failureParts } from "./failure.ts"
import type { OrphanFiber } from "./fiber.ts"
import { attribute, attributeOr, happening, moment, needed, time } from "./field.ts"
import type { Finalizer } from "./finalizer.ts"
import type { Handler } from "./handler.ts"
import { ended, endOf } from "./interval.ts"
import { count, firstOfList, id, oneOf, text, trueOrUnknown } from "./notation.ts"
import type { Queue } from "./queue.ts"
import type { Scope } from "./scope.ts"
import { standstill } from "./standstill.ts"
import type { StreamRun } from "./stream.ts"
import { endedByScope, type Subscription } from "./subscription.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** What a record of an exchange knows besides. */
export interface More {
  /** The finding that its span carries. */
  readonly said: Match | undefined
  readonly route: string
}

const said = (name: string, value: (said: Match) => string, says: string): Unread<More> =>
  unread(
    name,
    text,
    (record: More) => (record.said === undefined ? undefined : value(record.said)),
    says,
    "judged again from the spans",
  )

export const serviceOf = ({ resource }: Span): string => asText(resource[SERVICE_NAME]) ?? ""

const failure = happening(
  "exception",
  "What failed it, where another tracer says so.",
  failureParts,
)

/** What Effect's own tracing writes on a server span. The marker of an open span has it too. */
const byEffect = {
  kind: unwritten(() => "exchange" as const),
  endedAt: ended,
  openUntil: unwritten((span) => (endOf(span) === undefined ? span.endedAt : undefined)),
  name: unwritten(({ name }) => name),
  service: unwritten(serviceOf),
  route: nameOfExchange,
  status: attributeOr(
    HTTP_STATUS,
    count,
    ({ attributes }) => asCount(attributes[OLD_HTTP_STATUS]),
    "The status of the response.",
  ),
  failure: byOthers(failure, "another tracer"),
}

const none: ReadonlyArray<never> = []

/** What lives in it, and who is at its two ends. */
const around = {
  handler: ofOtherSpans<Handler | undefined>(undefined),
  scopes: ofOtherSpans<ReadonlyArray<Scope>>(none),
  subscriptions: ofOtherSpans<ReadonlyArray<Subscription>>(none),
  queues: ofOtherSpans<ReadonlyArray<Queue>>(none),
  streams: ofOtherSpans<ReadonlyArray<StreamRun>>(none),
  orphans: ofOtherSpans<ReadonlyArray<OrphanFiber>>(none),
  finalizers: ofOtherSpans<ReadonlyArray<Finalizer>>(none),
  client: ofOtherSpans<Client | undefined>(undefined),
}

/** What we write on it besides. */
const byUs = {
  handlerReturnedAt: moment("exchange.handler_returned", "The handler returned its response."),
  headSentAt: moment("exchange.head_sent", "The head was handed to the platform."),
  clientLeftAt: moment(
    "exchange.client_left",
    "The platform's connection or request said that the client had gone.",
  ),
  leaveSeenAt: moment("exchange.leave_seen", "Effect had been told of that."),
  stopBeganAt: moment(
    "exchange.stop_began",
    "The server had begun to stop, which interrupted the exchange in the end.",
  ),
  stoppingSince: moment(
    "program.stopping",
    "A scope of the program had begun to close, and closed still when the exchange ended: the program stops, or a part of it.",
  ),
  stalled: standstill,
  defaultRead: happening(
    "exchange.default_read",
    "The body got the default of a Reference for which its handler had set another value.",
    {
      at: time,
      reference: needed(attribute("effect.reference.key", text, "The key of that Reference.")),
    },
  ),
  cutOff: happening(
    "exchange.cut_off",
    "An interrupt was sent to what it waited for, and not to it: it ended with that.",
    {
      at: time,
      otherTrace: attribute(
        "effect.exchange.trace_id",
        id,
        "The trace of the exchange that did what it waited for, and was interrupted.",
      ),
      by: endedByScope,
      code: codeOf("around the opening of that scope"),
    },
  ),
  endedBy: attribute(EXCHANGE_ENDED_BY, oneOf(exchangeEnds), "Who ended it."),
  failed: attribute(
    "exchange.failed",
    trueOrUnknown,
    "The handler or the body failed, after the head was sent too.",
  ),
  contentType: attribute(HTTP_CONTENT_TYPE, firstOfList, "The content type of the response."),
  rule: said(FINDING, ({ rule }) => rule, "The rule that held, the deepest of them."),
  severity: said(FINDING_SEVERITY, ({ severity }) => severity, "How bad it is."),
  message: said(FINDING_MESSAGE, ({ message }) => message, "The sentence."),
}

export const exchangeSpan = spanTable<More>()(
  "server span",
  "One request and its response, from the request's arrival to the end of the body: Effect's own span.",
  { ...byEffect, ...byUs, ...around },
)

/** What is added to the span that Effect makes. */
export const exchangeNotes = spanTable<More>()(exchangeSpan.title, exchangeSpan.says, {
  note: nameNote,
  ...byUs,
})

/** One request and its response, from the request's arrival to the end of the body. */
export interface Exchange extends LifetimeOf<typeof exchangeSpan> {
  /**
   * It has many lifetimes and was read from spans, so it does not change any more: look-ups in it use an index.
   */
  readonly isLarge?: boolean
}
