import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as PlatformError from "effect/PlatformError"
import * as Semaphore from "effect/Semaphore"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../otlp/encode.ts"
import { TraceStore } from "./trace-store.ts"

/**
 * The `TraceStore` below, which also appends what it is given to a file: one OTLP export request in
 * JSON a line, as the Collector's file exporter writes it. Fails where the file cannot be opened; a
 * write that fails later is said once on stderr, and the spans are kept in memory all the same.
 */
export const layerRecording = (
  file: string,
): Layer.Layer<TraceStore, PlatformError.PlatformError, TraceStore | FileSystem.FileSystem> =>
  Layer.effect(TraceStore, record(file))

const record = Effect.fnUntraced(function* (file: string) {
  const store = yield* TraceStore
  const append = yield* appendingTo(file)
  return TraceStore.of({
    ...store,
    add: (spans) => {
      const kept = [...spans]
      return kept.length === 0 ? Effect.void : Effect.andThen(append(kept), store.add(kept))
    },
  })
})

const appendingTo = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const output = yield* files.open(file, { flag: "a" })
  const turn = yield* Semaphore.make(1)
  const writer = new TextEncoder()
  let failing = false

  const sayOnce = (error: PlatformError.PlatformError) => {
    if (failing) return Effect.void
    failing = true
    return Console.error(`Cannot write to ${file}: ${error.message}`)
  }

  // Uninterruptible: a sender that leaves must not leave half a line behind.
  return (spans: ReadonlyArray<Span>) =>
    Effect.suspend(() => output.writeAll(writer.encode(`${encodeJson(spans)}\n`))).pipe(
      Effect.catch(sayOnce),
      turn.withPermit,
      Effect.uninterruptible,
    )
})
