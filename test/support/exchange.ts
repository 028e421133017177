import { Effect } from "effect"
import type { EventInput } from "../../src/server/frame.ts"
import { publish } from "./event-server.ts"
import { StreamReader } from "./stream-reader.ts"

/** One client connects to the event stream, receives one published event, and leaves. */
export const exchange = (address: string, event: EventInput = { type: "x", properties: {} }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const reader = yield* StreamReader.open(`${address}/event`)
      yield* reader.frameCount(1)
      yield* publish(address, event)
      yield* reader.frameCount(2)
    }),
  )
