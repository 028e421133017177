import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { publish } from "../support/event-server.ts"
import { RawClient } from "../support/raw-client.ts"
import { StreamReader } from "../support/stream-reader.ts"
import { eventServerProcess, held, heldInTheEnd } from "./event-server.ts"
import { mebibytes, seconds, tellFigure } from "./figure.ts"
import { sized } from "./load-size.ts"

const stalled = sized(50, 10)
const reading = sized(10, 3)

/** More than the buffers of both sides hold. */
const events = sized(40, 24)
const large = { type: "message.part.delta", properties: { text: "x".repeat(512 * 1024) } }

/** How many events of these a reader has; heartbeats come between. */
const received = ({ frames }: StreamReader): number =>
  frames.filter(({ length }) => length > large.properties.text.length).length

const stall = 2_000

/** A reader that stops costs at most what has been sent by the time it is disconnected, once for all of them. */
const most = 640 * 2 ** 20

describe(`${stalled} readers that stop reading, beside ${reading} that read on`, () => {
  it.live("are disconnected, and keep nothing from the others", (context) =>
    Effect.gen(function* () {
      const { address, ask } = yield* eventServerProcess({ LOAD_STALL: String(stall) })
      const readers = yield* Effect.forEach(Array.from({ length: reading }), () =>
        StreamReader.open(`${address}/event`),
      )
      for (const reader of readers) yield* reader.frameCount(1)
      for (let count = 0; count < stalled; count++) {
        const client = yield* RawClient.connect(address, "deaf")
        yield* client.ask("GET /event")
      }
      // Each has an exchange, a scope of its request and one of its own, a subscription and a stream.
      const ofReaders = (yield* held(address)) / (reading + stalled)
      const start = performance.now()
      for (let sent = 0; sent < events; sent++) yield* publish(address, large)
      for (const reader of readers) {
        yield* reader.until((it) => received(it) >= events || it.end !== "open")
      }
      const expected = ofReaders * reading
      const left = yield* heldInTheEnd(address, expected)
      const gone = performance.now() - start
      const resident = yield* ask("mostResident")
      tellFigure(
        context,
        `${(left - expected) / ofReaders} still connected after ${seconds(gone)} (limit ${seconds(stall)}); the others got ` +
          `${Math.min(...readers.map(received))} of ${events} events; ` +
          `at most ${mebibytes(resident)} resident`,
      )
      expect(left).toBe(expected)
      expect(readers.map(received)).toEqual(readers.map(() => events))
      expect(resident).toBeLessThan(most)
    }),
  )
})
