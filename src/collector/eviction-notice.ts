import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { counted, plural } from "../../otel/lifetimes/counted.ts"
import type { TraceStoreCounts } from "./stored-traces.ts"
import { TraceStore } from "./trace-store.ts"

/** How soon `collect` says that it drops spans. */
const soonest = "1 second"

/** How long until it says that again. */
const pause = "1 minute"

/** Reports what the store had to drop: when that begins, and then at most once a minute. */
export const watchEvictions = Effect.fnUntraced(function* (
  report: (counts: TraceStoreCounts) => Effect.Effect<void>,
): Effect.fn.Return<void, never, TraceStore | Scope.Scope> {
  const store = yield* TraceStore
  let told = 0
  const look = Effect.gen(function* () {
    const counts = yield* store.counts
    if (counts.evictedSpans === told) return
    told = counts.evictedSpans
    yield* report(counts)
    yield* Effect.sleep(pause)
  })
  yield* look.pipe(Effect.repeat(Schedule.spaced(soonest)), Effect.forkScoped)
})

/** Says that the memory is used up, in bytes, and what that means. */
export const evictionNotice = (counts: TraceStoreCounts, memory: number): string => {
  const size = ByteSize.format(ByteSize.bytes(memory), { system: "binary" })
  return `${size} of spans are kept (--memory). ${droppedText(counts)}.`
}

/** What was dropped, in a sentence or two, without the last full stop. */
export const droppedText = (counts: TraceStoreCounts): string => {
  const { evictedTraces, evictedOpen, evictedFound, evictedSpans } = counts
  if (evictedTraces === 0) {
    return `${counted(evictedSpans, "span")} of traces that were too large ${plural(evictedSpans, "was", "were")} dropped`
  }
  const ended = evictedTraces - evictedOpen - evictedFound
  const others =
    evictedOpen + evictedFound === 0
      ? "No other trace was"
      : `So were ${counted(evictedOpen, "open trace")} and ${evictedFound} with a finding`
  return `${counted(ended, "ended trace")} without a finding ${plural(ended, "was", "were")} dropped. ${others}`
}
