import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import { counted } from "../../../otel/lifetimes/counted.ts"
import type { Finding } from "../../../otel/lifetimes/finding.ts"
import { watchFindings } from "../../collector/live-findings.ts"
import { Receiver } from "../../collector/receiver.ts"
import { layerRecording } from "../../collector/recorder.ts"
import { TraceStore, type TraceStoreCounts } from "../../collector/trace-store.ts"
import { UsageError } from "../failure.ts"
import { portFlag } from "../flags/port-flag.ts"
import { listenFailure } from "../listen-failure.ts"
import { runUntilStopped } from "../run-until-stopped.ts"
import { formatFindings } from "../terminal/paint.ts"

const flags = {
  port: portFlag("port", "Port to listen on, 4318 by default; 0 takes a free one").pipe(
    Flag.withDefault(4318),
  ),
  host: Flag.String("host").pipe(
    Flag.withDescription("Address to listen on, 127.0.0.1 by default"),
    Flag.withDefault("127.0.0.1"),
  ),
  out: Flag.String("out").pipe(
    Flag.withDescription("Append the spans to this file, one OTLP JSON export request a line"),
    Flag.withMetavar("FILE"),
    Flag.optional,
  ),
}

export const collect = Command.make(
  "collect",
  flags,
  Effect.fnUntraced(function* ({ port, host, out }) {
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
  }),
).pipe(Command.withDescription("Receive spans over OTLP/HTTP and say what is wrong as they come"))

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
    yield* watchFindings(printFindings)
  }),
)

const printFindings = (found: ReadonlyArray<Finding>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const width = process.stdout.columns ?? 100
    const color = process.stdout.isTTY === true && process.stdout.hasColors()
    return Console.log(`\n${formatFindings(found, { width, color })}`)
  })

const nothingReceived =
  "Received no spans. Does the program send them here (OTEL_EXPORTER_OTLP_ENDPOINT), and is the Layer " +
  "around all of it?"

const endLine = ({ traces, spans, evictedTraces, evictedSpans }: TraceStoreCounts): string => {
  if (spans + evictedSpans === 0) return nothingReceived
  const letGo = evictedTraces === 0 ? "" : ` (${evictedTraces} older traces were let go)`
  const received = counted(spans + evictedSpans, "span")
  return `Received ${received} in ${counted(traces + evictedTraces, "trace")}${letGo}.`
}
