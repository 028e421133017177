import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as PlatformError from "effect/PlatformError"
import { counted, plural } from "../../otel/lifetimes/counted.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../otlp/encode.ts"
import { openLineFile } from "./line-file.ts"
import { TraceStore } from "./trace-store.ts"

/** What a file of spans lacks. */
export interface Unwritten {
  readonly spans: number
  /** Why the last of them could not be written. */
  readonly reason: string
}

/** The recording of what is received. */
export class Recording extends Context.Service<
  Recording,
  {
    /** The spans that could not be written. */
    readonly unwritten: Effect.Effect<Unwritten>
  }
>()("scopeline/collector/Recording") {
  /** Nothing is recorded. */
  static readonly layerNone: Layer.Layer<Recording> = Layer.succeed(Recording, {
    unwritten: Effect.succeed({ spans: 0, reason: "" }),
  })
}

/**
 * The `TraceStore` below, which also appends what it gets to a file: one OTLP export request in JSON a line,
 * like the Collector's file exporter. Fails if the file cannot be opened. If a write fails later, it says so on
 * stderr, and again when writing works. The spans are kept in memory in any case.
 */
export const layerRecording = (
  path: string,
): Layer.Layer<
  TraceStore | Recording,
  PlatformError.PlatformError,
  TraceStore | FileSystem.FileSystem
> => Layer.effectContext(record(path))

const record = Effect.fnUntraced(function* (path: string) {
  const store = yield* TraceStore
  const file = yield* openLineFile(path)
  let unwritten: Unwritten = { spans: 0, reason: "" }
  let isFailing = false

  const failed = (count: number, error: PlatformError.PlatformError) => {
    const reason = reasonOf(error)
    const isNews = !isFailing || reason !== unwritten.reason
    unwritten = { spans: unwritten.spans + count, reason }
    isFailing = true
    return isNews ? Console.error(`Cannot write spans to ${path}: ${reason}.`) : Effect.void
  }

  const succeeded = Effect.suspend(() => {
    if (!isFailing) return Effect.void
    isFailing = false
    return Console.error(`Writing spans to ${path} again: ${missing(unwritten.spans)}.`)
  })

  const append = (spans: ReadonlyArray<Span>) =>
    Effect.suspend(() => file.append(encodeJson(spans))).pipe(
      Effect.matchEffect({
        onFailure: (error) => failed(spans.length, error),
        onSuccess: () => succeeded,
      }),
    )

  const recording = TraceStore.of({
    ...store,
    add: (spans) => {
      const kept = [...spans]
      return kept.length === 0 ? Effect.void : Effect.andThen(append(kept), store.add(kept))
    },
  })
  return Context.make(TraceStore, recording).pipe(
    Context.add(Recording, { unwritten: Effect.sync(() => unwritten) }),
  )
})

const missing = (spans: number): string =>
  `${counted(spans, "span")} ${plural(spans, "is", "are")} missing there`

/** `no space left on device`, of `ENOSPC: no space left on device, write`. */
export const reasonOf = ({ reason }: PlatformError.PlatformError): string => {
  if (!(reason.cause instanceof Error)) return reason._tag
  return /^[A-Z0-9]+: (.+?)(?:, \w+.*)?$/.exec(reason.cause.message)?.[1] ?? reason.cause.message
}
