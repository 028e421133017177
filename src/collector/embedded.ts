import * as Layer from "effect/Layer"
import { Receiver } from "./receiver.ts"
import { TraceStore } from "./trace-store.ts"

/** A collector that a command brings along: on a free port of this machine, with an empty store. */
export const layerEmbedded = Receiver.layer({ host: "127.0.0.1", port: 0 }).pipe(
  Layer.provideMerge(TraceStore.layer()),
)
