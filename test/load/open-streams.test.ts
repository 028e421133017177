import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { publish } from "../support/event-server.ts"
import { eventServerProcess, heldInTheEnd } from "./event-server.ts"
import { seconds, tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"
import { openStreams } from "./streams.ts"

const count = sized(5_000, 500)

/** What an idle stream may take of the server's heap, in KiB. */
const most = 60

describe(`${whole(count)} streams that are open`, () => {
  it.live("all get an event, and leave nothing open when they close", (context) =>
    Effect.gen(function* () {
      const { address, port, ask } = yield* eventServerProcess()
      const before = yield* ask("heap")
      const open = yield* Effect.promise(() => openStreams(port, count))
      const each = ((yield* ask("heap")) - before) / count / 1024
      const told = open.map(({ socket }) => new Promise((resolve) => socket.once("data", resolve)))
      const published = performance.now()
      yield* publish(address, { type: "load", properties: {} })
      yield* Effect.promise(() => Promise.all(told))
      const millis = performance.now() - published
      for (const { socket } of open) socket.destroy()
      const left = yield* heldInTheEnd(address)
      tellFigure(
        context,
        `${each.toFixed(1)} KiB of heap each; an event reached all in ${seconds(millis)}; ${left} held after`,
      )
      expect(left).toBe(0)
      expect(each).toBeLessThan(most)
    }),
  )
})
