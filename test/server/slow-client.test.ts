import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventServer, openLifetimes, publish } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { RawClient } from "../support/raw-client.ts"
import { StreamReader } from "../support/stream-reader.ts"

/** Large events, which fill the buffers of the sockets. */
const filling = Array.from({ length: 16 }, (_, n) => ({ n, text: "x".repeat(900 * 1024) }))

/** More small ones than the bus keeps for a client. */
const following = Array.from({ length: 1_100 }, (_, n) => ({ n: n + filling.length }))

const published = "one of many"

const all = [...filling, ...following]

/** A client that asks for the stream and never reads it, beside one that does. */
const besideADeafOne = Effect.gen(function* () {
  const address = yield* eventServer()
  const reader = yield* StreamReader.open(`${address}/event`)
  yield* reader.frameCount(1)
  const deaf = yield* RawClient.connect(address, "deaf")
  yield* deaf.ask("GET /event")
  yield* eventually(openLifetimes(address), ({ streams }) => streams.length === 2)
  return { address, reader, deaf }
})

/** Gives the time that the slowest answer took, in milliseconds. */
const publishAll = Effect.fnUntraced(function* (address: string) {
  let slowest = 0
  for (const properties of all) {
    const start = performance.now()
    yield* publish(address, { type: published, properties })
    slowest = Math.max(slowest, performance.now() - start)
  }
  return slowest
})

describe("a client that does not read its stream", () => {
  it.live(
    "holds up neither who publishes nor who reads",
    () =>
      Effect.gen(function* () {
        const { address, reader } = yield* besideADeafOne
        const slowest = yield* publishAll(address)
        expect(slowest).toBeLessThan(1_000)
        // On a slow machine there are heartbeats among them.
        const numbers = Effect.sync(() =>
          reader.events.flatMap(({ type, properties }) => (type === published ? properties.n : [])),
        )
        const received = yield* eventually(numbers, ({ length }) => length === all.length)
        expect(reader.end).toBe("open")
        expect(received).toEqual(all.map(({ n }) => n))
      }),
    20_000,
  )

  it.live(
    "is reset when it reads again after it has missed something",
    () =>
      Effect.gen(function* () {
        const { address, deaf } = yield* besideADeafOne
        yield* publishAll(address)
        deaf.read()
        deaf.socket.resume()
        yield* deaf.until(({ end }) => end !== "open")
        expect(deaf.received.endsWith("0\r\n\r\n")).toBe(false)
        expect(deaf.received.match(/data: /g)?.length ?? 0).toBeLessThan(all.length)
        yield* eventually(openLifetimes(address), ({ subscriptions }) => subscriptions.length === 1)
      }),
    20_000,
  )
})
