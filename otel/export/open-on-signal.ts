import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FiberCount } from "../instrument/effect/fiber-count.ts"
import { openIn } from "../instrument/records/open-lifetimes.ts"
import { Lifetimes } from "../instrument/records/registry.ts"
import { openTable } from "./open-table.ts"

/** Not what Node takes for its debugger, which is SIGUSR1. */
const signal = "SIGUSR2"

/** Prints what is open on stderr whenever the process is sent the signal, where the platform has it. */
export const layerOpenOnSignal: Layer.Layer<never, never, Lifetimes> = Layer.effectDiscard(
  Effect.gen(function* () {
    if (process.platform === "win32") return
    const lifetimes = yield* Lifetimes
    const count = Context.getOrUndefined(yield* Effect.context(), FiberCount)
    const print = () => process.stderr.write(openTable(openIn(lifetimes, count?.running ?? 0)))
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on(signal, print)),
      () => Effect.sync(() => process.removeListener(signal, print)),
    )
  }),
)
