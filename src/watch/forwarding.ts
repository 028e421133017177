import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import type { Answer } from "../../otel/export/delivery/answer.ts"
import { counted, plural } from "../../otel/lifetimes/counted.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { isHeldSpan } from "../../otel/lifetimes/spans/held.ts"
import { offerSpans } from "../otlp/send.ts"
import { ForwardQueue } from "./forward-queue.ts"

export interface ForwardTarget {
  /** Where spans are posted to. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Nothing is sent before this. */
  readonly ready?: Effect.Effect<void>
}

export interface Forwarding {
  readonly add: (spans: ReadonlyArray<Span>) => void
  /** Whether it has taken any. */
  readonly hasTaken: () => boolean
  /** Sends what waits as long as it is accepted, for 2 s at most; the rest counts as lost. */
  readonly finish: Effect.Effect<void>
  /** What did not arrive, in sentences. */
  readonly notes: () => ReadonlyArray<string>
}

/** What waits for a receiver that is not there, in bytes. */
const mostWaiting = 32 * 1024 * 1024

const patience = "5 seconds"
const untilNextTry = "5 seconds"
const untilTheEnd = "2 seconds"

const silent: Answer = { kind: "silent", reason: "no answer within 5 s" }

/**
 * Forwards what comes, until the scope closes. Markers of open spans and reports of what is held are only for
 * the page: a store of traces would keep each of them.
 */
export const forwardTo = Effect.fnUntraced(function* (
  target: ForwardTarget,
): Effect.fn.Return<Forwarding, never, Scope.Scope> {
  const waiting = new ForwardQueue(mostWaiting)
  const shown = new URL(target.url).host
  let onTheirWay = 0
  let lost = 0
  let why = ""
  let trouble: string | undefined
  let hasTaken = false
  /** Open while nothing is being sent, and while trying again is useless. */
  const settled = Latch.makeUnsafe(true)

  const lose = (spans: number, reason: string) => {
    if (spans === 0) return
    lost += spans
    why = reason === "" ? "" : ` (${reason})`
  }

  /** Until the spans are taken or lost. */
  const send = Effect.fnUntraced(function* (spans: ReadonlyArray<Span>) {
    while (true) {
      const answer = yield* offerSpans(target, spans).pipe(
        Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(silent) }),
      )
      trouble = answer.kind === "taken" || answer.kind === "refused" ? undefined : answer.reason
      switch (answer.kind) {
        case "taken":
          hasTaken ||= answer.rejected < spans.length
          return lose(answer.rejected, answer.reason)
        case "refused":
          return lose(spans.length, answer.reason)
        case "silent": // it may have them: who sends again, sends twice
          return lose(spans.length, answer.reason)
        case "later":
        case "unreachable":
          settled.openUnsafe()
          yield* Effect.sleep(untilNextTry)
      }
    }
  })

  const sendWaiting = Effect.gen(function* () {
    const spans = yield* waiting.take
    onTheirWay = spans.length
    yield* send(spans)
    onTheirWay = 0
    if (waiting.count === 0) settled.openUnsafe()
    else if (trouble === undefined) settled.closeUnsafe()
  })

  const sending = yield* (target.ready ?? Effect.void).pipe(
    Effect.andThen(Effect.forever(sendWaiting)),
    Effect.provide(FetchHttpClient.layer),
    Effect.forkScoped,
  )

  const finish = Effect.gen(function* () {
    yield* Effect.timeoutOption(settled.await, untilTheEnd)
    const left = onTheirWay + waiting.count
    yield* Fiber.interrupt(sending)
    lose(left, trouble ?? "it had not taken them when the program ended")
    trouble = undefined
  })

  return {
    add: (spans) => {
      const ended = spans.filter((span) => !isMarker(span) && !isHeldSpan(span))
      if (ended.length === 0) return
      lose(waiting.add(ended), trouble ?? "more came than it took")
      if (trouble === undefined) settled.closeUnsafe()
    },
    hasTaken: () => hasTaken,
    finish,
    notes: () => [
      ...(trouble === undefined ? [] : [troubleText(shown, trouble, onTheirWay + waiting.count)]),
      ...(lost === 0
        ? []
        : [
            `${counted(lost, "span")} ${plural(lost, "was", "were")} not sent on to ${shown}${why}.`,
          ]),
    ],
  }
})

const troubleText = (shown: string, trouble: string, waiting: number): string => {
  const then =
    waiting === 0
      ? ""
      : `: ${counted(waiting, "span")} ${plural(waiting, "waits", "wait")} to be sent on`
  return `${shown} takes no spans now (${trouble})${then}.`
}
