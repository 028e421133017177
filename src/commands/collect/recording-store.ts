import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerRecording, reasonOf } from "../../collector/recorder.ts"
import type { TraceStore } from "../../collector/trace-store.ts"
import { UsageError } from "../failure.ts"

/** The store, which also appends what comes to the file of `--out`. Fails if it cannot. */
export const recordingStore = (file: string, store: Layer.Layer<TraceStore>) =>
  layerRecording(file).pipe(
    Layer.provide(store),
    Layer.catchTag("PlatformError", (error) =>
      Layer.effectContext(
        Effect.fail(
          new UsageError({ message: `Cannot append to ${file} (--out): ${reasonOf(error)}.` }),
        ),
      ),
    ),
  )
