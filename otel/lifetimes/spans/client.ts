import { CLIENT_ENDED_BY, HTTP_METHOD, HTTP_STATUS, URL_FULL, VARIANT } from "../../attributes.ts"
import { clientEnds } from "../terms.ts"
import type { Micros } from "../time.ts"
import { byOthers, event, timeOf, unread, unwritten } from "./entry.ts"
import { attribute, moment } from "./field.ts"
import { ended } from "./interval.ts"
import { count, oneOf, or, text } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** What a client knows besides. */
export interface More {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly variant: string | undefined
  readonly status: number | undefined
  readonly leftAt: Micros | undefined
  readonly endedBy: (typeof clientEnds)[number] | undefined
}

const serverSays = "the server's span says it"

export const clientSpan = spanTable<More>()(
  "client span",
  "A connection as its client saw it, where Scopeline is the client.",
  {
    kind: unwritten(() => "client" as const),
    endedAt: byOthers(ended, "the exporter, as on any span that is open then"),
    name: unwritten(({ name }) => name),
    method: unread(HTTP_METHOD, text, ({ method }) => method, "The method.", serverSays),
    url: unread(URL_FULL, text, ({ url }) => url, "The URL, without what is secret.", serverSays),
    variant: unread(
      VARIANT,
      text,
      ({ variant }) => variant,
      "Which implementation of the stream it connected to, if it was told.",
      "the server's resource says it",
    ),
    firstByteAt: moment("client.first_byte", "The first byte of the body arrived."),
    firstEventAt: moment("client.first_event", "The first server-sent event arrived."),
    end: event(
      "client.end",
      "The client saw the end, or left.",
      {
        at: timeOf(({ leftAt }) => leftAt),
        why: unread(
          CLIENT_ENDED_BY,
          oneOf(clientEnds),
          ({ endedBy }) => endedBy,
          "Who ended it.",
          "the span says it too",
        ),
      },
      "the span ends then",
    ),
    endedBy: attribute(
      CLIENT_ENDED_BY,
      oneOf(clientEnds),
      "Who ended it; `error`: it was reset, or its last chunk is missing.",
    ),
    events: attribute("client.events", or(count, 0), "Events received that somebody published."),
    ownEvents: attribute(
      "client.own_events",
      or(count, 0),
      "The server's own events: `server.connected`, heartbeats.",
    ),
    status: unread(HTTP_STATUS, count, ({ status }) => status, "The status.", serverSays),
  },
)

/** What the other side saw, if it sent spans too. */
export interface Client extends LifetimeOf<typeof clientSpan> {}
