import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { counted, plural } from "../../otel/lifetimes/counted.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { isHeldSpan } from "../../otel/lifetimes/spans/held.ts"
import { postSpans } from "../otlp/send.ts"
import { WaitingSpans } from "./waiting-spans.ts"

export interface ForwardTarget {
  /** Where spans are posted to. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Forwarding {
  readonly add: (spans: ReadonlyArray<Span>) => void
  /** What did not arrive, in sentences. */
  readonly notes: () => ReadonlyArray<string>
}

/** What waits for a receiver that is not there, in bytes. */
const mostWaiting = 32 * 1024 * 1024

const patience = "5 seconds"
const untilNextTry = "5 seconds"

/**
 * Sends on what comes, until the scope closes. What only tells that a span is open, and what is held, is for the page
 * alone: a store of traces would keep every one of these.
 */
export const forwardTo = Effect.fnUntraced(function* (
  target: ForwardTarget,
): Effect.fn.Return<Forwarding, never, Scope.Scope> {
  const waiting = new WaitingSpans(mostWaiting)
  let lost = 0
  let isFailing = false
  const send = (spans: ReadonlyArray<Span>) =>
    postSpans(target, spans).pipe(
      Effect.timeout(patience),
      Effect.tapError(() => Effect.sync(() => (isFailing = true))),
      Effect.retry(Schedule.spaced(untilNextTry)),
    )
  const sendWaiting = Effect.gen(function* () {
    const taken = yield* waiting.take
    lost += taken.lost
    yield* send(taken.spans)
    isFailing = false
  })
  yield* sendWaiting.pipe(Effect.forever, Effect.provide(FetchHttpClient.layer), Effect.forkScoped)
  const shown = new URL(target.url).host
  return {
    add: (spans) => {
      const ended = spans.filter((span) => !isMarker(span) && !isHeldSpan(span))
      if (ended.length > 0) waiting.add(ended)
    },
    notes: () => [
      ...(isFailing ? [`${shown} takes no spans now: they wait to be sent on.`] : []),
      ...(lost === 0
        ? []
        : [`${counted(lost, "span")} ${plural(lost, "was", "were")} not sent on to ${shown}.`]),
    ],
  }
})
