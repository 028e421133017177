import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventServer, openLifetimes, publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { RawClient } from "../support/raw-client.ts"

const stall = 500

const large = { type: "message.part.delta", properties: { text: "x".repeat(512 * 1024) } }

const openStreams = (address: string) =>
  Effect.map(openLifetimes(address), ({ exchanges }) => exchanges.length)

describe("a client that takes nothing of what it was sent", () => {
  it.live("is disconnected after the time that it is given", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ stall })
      const client = yield* RawClient.connect(address, "deaf")
      yield* client.ask("GET /event")
      yield* eventually(openStreams(address), (open) => open === 1)
      // More than the buffers of both sides hold.
      for (let sent = 0; sent < 40; sent++) yield* publish(address, large)
      yield* eventually(openStreams(address), (open) => open === 0)
    }),
  )

  it.live("may stay where nothing is waiting for it, or where it takes a little now and then", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ stall })
      const idle = yield* RawClient.connect(address)
      yield* idle.ask("GET /event")
      const slow = yield* RawClient.connect(address, "deaf")
      yield* slow.ask("GET /event")
      yield* eventually(openStreams(address), (open) => open === 2)
      for (let sent = 0; sent < 10; sent++) {
        yield* publish(address, { type: "small", properties: { text: "x".repeat(1000) } })
        yield* Effect.sleep(stall / 4)
      }
      expect(idle.end).toBe("open")
      expect(yield* openStreams(address)).toBe(2)
    }),
  )
})
