import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { uncounted } from "../instrument/effect/fiber-ids.ts"
import { Lifetimes } from "../instrument/lifetimes.ts"
import { openTable } from "./open-table.ts"
import { writeToStderr } from "./stderr.ts"

/** Not what Node takes for its debugger, which is SIGUSR1. */
const signal = "SIGUSR2"

/** Prints what is open on stderr whenever the process is sent the signal, where the platform has it. */
export const layerOpenOnSignal: Layer.Layer<never, never, Lifetimes> = Layer.effectDiscard(
  Effect.gen(function* () {
    if (process.platform === "win32") return
    const { openNow } = yield* Lifetimes
    const look = () => Effect.runSync(openNow)
    const print = () => writeToStderr(openTable(uncounted(look)))
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on(signal, print)),
      () => Effect.sync(() => process.removeListener(signal, print)),
    )
  }),
)
