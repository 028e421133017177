import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { withoutSecrets } from "../../otel/export/address.ts"
import { annotate } from "../../otel/instrument/annotate.ts"
import { clientSpan } from "../../otel/lifetimes/spans/client.ts"
import { fromNanos, toNanos } from "../../otel/lifetimes/time.ts"
import {
  type ClientView,
  defaultStreamLimits,
  EventStream,
  type StreamLimits,
} from "./event-stream.ts"
import { ownCount, publishedCount } from "./event-types.ts"
import type { StreamRequest } from "./stream-request.ts"

/** A client whose span is the parent of the server's, so that both stand in one trace. */
export interface TracedClient {
  readonly traceId: string
  /** The client's own span. */
  readonly spanId: string
  /** Its name. */
  readonly operation: string
  readonly stream: EventStream
}

/** What a request has besides its address. */
export type RequestParts = Omit<StreamRequest, "url">

/** What a client of an event stream sends, unless it is told otherwise. */
export const plainRequest: RequestParts = { method: "GET", headers: {}, body: undefined }

interface TracedClientOptions {
  readonly request?: RequestParts
  readonly limits?: StreamLimits
  /** Which implementation of the stream the server runs, if that is known. */
  readonly variant?: string | undefined
}

/** Connects to an event stream under a separate client span, which ends when the client's stream does. */
export const openTracedClient = Effect.fnUntraced(function* (
  url: string,
  { request = plainRequest, limits = defaultStreamLimits, variant }: TracedClientOptions = {},
) {
  const clock = yield* Clock.Clock
  const now = () => fromNanos(clock.currentTimeNanosUnsafe())
  const operation = `client ${request.method} ${new URL(url).pathname}`
  const span = yield* Effect.makeSpan(operation, {
    kind: "client",
    root: true,
  })
  const tell = (known: Parameters<typeof clientSpan.writePart>[0]) =>
    annotate(span, clientSpan.writePart(known, span))
  tell({ method: request.method, url: withoutSecrets(url), variant })
  const stream = yield* EventStream.open(
    {
      url,
      ...request,
      headers: {
        accept: "text/event-stream",
        ...request.headers,
        traceparent: `00-${span.traceId}-${span.spanId}-${span.sampled ? "01" : "00"}`,
      },
    },
    {
      firstByte: () => tell({ firstByteAt: now() }),
      firstEvent: () => tell({ firstEventAt: now() }),
      end: (seen) => {
        const leftAt = now()
        tell({ ...endOf(seen), leftAt })
        span.end(toNanos(leftAt), exitOf(seen))
      },
    },
    limits,
  )
  const client: TracedClient = { traceId: span.traceId, spanId: span.spanId, operation, stream }
  return client
})

/** A broken stream is not a clean end, whatever came before. */
const exitOf = ({ endedBy, failure }: ClientView): Exit.Exit<void, Error> =>
  endedBy === "error" ? Exit.fail(new Error(failure?.reason ?? "broken off")) : Exit.void

const endOf = (seen: ClientView) => ({
  endedBy: seen.endedBy,
  events: publishedCount(seen),
  ownEvents: ownCount(seen),
  status: seen.status,
})
