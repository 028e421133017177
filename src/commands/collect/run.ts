import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import { counted } from "../../../otel/lifetimes/counted.ts"
import { watchFindings } from "../../collector/live-findings.ts"
import { Receiver } from "../../collector/receiver.ts"
import { layerRecording } from "../../collector/recorder.ts"
import { TraceStore, type TraceStoreCounts } from "../../collector/trace-store.ts"
import { UsageError } from "../failure.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../stop.ts"
import { formatFindings } from "../terminal/paint.ts"
import { Screen } from "../terminal/screen.ts"
import type { CollectWords } from "./flags.ts"

/** `scopeline collect`: receives spans until it is asked to stop. */
export const collect = Effect.fnUntraced(function* ({ port, host, out }: CollectWords) {
  const receiver = Layer.tap(Receiver.layer({ host, port }), (context) =>
    Console.log(startLine(Context.get(context, Receiver).url, Option.getOrUndefined(out))),
  )
  // The findings close after the receiver, so what arrives last is judged too.
  const collector = receiver.pipe(
    Layer.provide(findings),
    Layer.provide(Option.isSome(out) ? storeWithFile(out.value) : TraceStore.layer()),
  )
  yield* runUntilStopped(collector).pipe(
    Effect.catchTag("ServeError", (error) => Effect.fail(listenFailure(host, port, error))),
  )
})

const startLine = (url: string, file: string | undefined): string => {
  const recording = file === undefined ? "" : `, recording to ${file}`
  return `Listening on ${url} for OTLP/HTTP (JSON and protobuf)${recording}.`
}

const storeWithFile = (file: string) =>
  layerRecording(file).pipe(
    Layer.provide(TraceStore.layer()),
    Layer.catchTag("PlatformError", ({ reason }) =>
      Layer.effect(TraceStore, Effect.fail(cannotOpen(file, reason))),
    ),
  )

const cannotOpen = (file: string, { _tag, cause }: PlatformError.PlatformError["reason"]) =>
  new UsageError({
    message: `Cannot append to ${file} (--out): ${cause instanceof Error ? cause.message : _tag}.`,
  })

const findings = Layer.effectDiscard(
  Effect.gen(function* () {
    const store = yield* TraceStore
    yield* Effect.addFinalizer((exit) =>
      Exit.isFailure(exit)
        ? Effect.void
        : Effect.flatMap(store.counts, (counts) => Console.log(endLine(counts))),
    )
    const screen = yield* Screen
    yield* watchFindings((found) => Console.log(`\n${formatFindings(found, screen)}`))
  }),
)

const nothingReceived =
  "Received no spans. Does the program send them here (OTEL_EXPORTER_OTLP_ENDPOINT), with the Layer around all " +
  "of it, or started with node --import scopeline/register?"

const endLine = ({ traces, spans, evictedTraces, evictedSpans }: TraceStoreCounts): string => {
  if (spans + evictedSpans === 0) return nothingReceived
  const letGo = evictedTraces === 0 ? "" : ` (${evictedTraces} older traces were let go)`
  const received = counted(spans + evictedSpans, "span")
  return `Received ${received} in ${counted(traces + evictedTraces, "trace")}${letGo}.`
}
