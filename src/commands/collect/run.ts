import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { evictionNotice, watchEvictions } from "../../collector/eviction-notice.ts"
import { watchFindings } from "../../collector/live-findings.ts"
import { Receiver } from "../../collector/receiver.ts"
import { Recording } from "../../collector/recorder.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import { Unexpected } from "../failure.ts"
import { Heap } from "../heap.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../stop.ts"
import { formatFindings } from "../terminal/paint.ts"
import { printLines, Screen } from "../terminal/screen.ts"
import type { CollectWords } from "./flags.ts"
import { recordingStore } from "./recording-store.ts"
import { hasFindings, summaryLines, summaryOf } from "./summary.ts"
import { type CollectCounts, endLines, startLine } from "./text.ts"

/** `scopeline collect`: receives spans until it is asked to stop. */
export const collect = Effect.fnUntraced(function* (words: CollectWords) {
  const { port, host, out, memory } = words
  let isAsExpected = true
  const collecting = collectUntilEnd(words, (asExpected) => {
    isAsExpected = asExpected
  })
  const heap = yield* Heap
  heap.keepSmall()
  const store = TraceStore.layer({ bytes: memory })
  const stores = Option.isSome(out)
    ? recordingStore(out.value, store)
    : Layer.merge(store, Recording.layerNone)
  yield* runUntilStopped(Layer.effectDiscard(collecting).pipe(Layer.provide(stores))).pipe(
    Effect.catchTag("ServeError", (error) => Effect.fail(listenFailure(host, port, error))),
  )
  if (!isAsExpected) return yield* new Unexpected()
})

/** Runs until the scope closes; then everything that was received has been judged. */
const collectUntilEnd = Effect.fnUntraced(function* (
  { port, host, allowHosts, out, memory }: CollectWords,
  onEnd: (isAsExpected: boolean) => void,
) {
  const screen = yield* Screen
  const store = yield* TraceStore
  const { unwritten } = yield* Recording
  let unjudged = Effect.succeed(0)
  let refused = Effect.succeed(0)
  let printed: Effect.Effect<ReadonlySet<string>> = Effect.succeed(new Set())

  const end = Effect.gen(function* () {
    const counts: CollectCounts = {
      ...(yield* store.counts),
      unjudged: yield* unjudged,
      refused: yield* refused,
      unwritten: yield* unwritten,
    }
    const kinds = yield* printed
    const summary = yield* summaryOf(store, kinds, counts)
    const isFound = summary === undefined ? kinds.size > 0 : hasFindings(summary)
    onEnd(counts.unwritten.spans === 0 && !isFound)
    for (const line of endLines(counts)) yield* Console.log(line)
    if (summary !== undefined) yield* printLines((width) => summaryLines(summary, width))
  })
  yield* Effect.addFinalizer((exit) => (Exit.isFailure(exit) ? Effect.void : end))
  const watched = yield* watchFindings((found) => Console.log(`\n${formatFindings(found, screen)}`))
  unjudged = watched.unjudged
  printed = watched.kinds
  yield* watchEvictions((counts) => Console.error(evictionNotice(counts, memory)))
  // It closes before what watches the store, so what arrives last is judged too.
  const receiver = Context.get(
    yield* Layer.build(Receiver.layer({ host, port, allowHosts, memory })),
    Receiver,
  )
  refused = receiver.refused
  yield* Console.log(startLine(receiver.url, Option.getOrUndefined(out)))
})
