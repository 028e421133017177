import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventServer, openLifetimes, publish } from "../support/event-server.ts"
import { RawClient } from "../support/raw-client.ts"
import { StreamReader } from "../support/stream-reader.ts"

const connected = Effect.gen(function* () {
  const address = yield* eventServer()
  const reader = yield* StreamReader.open(`${address}/event`)
  yield* reader.frameCount(1)
  return { address, reader }
})

describe("GET /event", () => {
  it.live("answers 200 with the headers of an event stream that nothing may hold back", () =>
    Effect.gen(function* () {
      const { reader } = yield* connected
      expect(reader.status).toBe(200)
      const {
        date,
        connection,
        "keep-alive": _,
        "transfer-encoding": coding,
        ...own
      } = reader.headers
      expect(own).toEqual({
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
      })
      expect({ date, connection, coding }).toEqual({
        date: expect.any(String),
        connection: "close",
        coding: "chunked",
      })
    }),
  )

  it.live("sends server.connected first, with an id and no properties", () =>
    Effect.gen(function* () {
      const { reader } = yield* connected
      expect(reader.events).toEqual([
        {
          id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
          type: "server.connected",
          properties: {},
        },
      ])
    }),
  )

  it.live("sends what is published at the same time in order, and counts each event as one", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const other = yield* StreamReader.open(`${address}/event`)
      yield* other.frameCount(1)
      const answers = yield* Effect.all(
        Array.from({ length: 40 }, (_, n) => publish(address, { type: "x", properties: { n } })),
        { concurrency: 8 },
      )
      yield* Effect.all([reader.frameCount(41), other.frameCount(41)])
      const received = reader.events.slice(1).map(({ id }) => id)
      expect(received.toSorted()).toEqual(answers.map(({ id }) => id).toSorted())
      expect(other.frames.slice(1)).toEqual(reader.frames.slice(1))
      const { streams, subscriptions } = yield* openLifetimes(address)
      expect(streams.map(({ events }) => events)).toEqual([41, 41])
      expect(subscriptions.map(({ delivered }) => delivered)).toEqual([40, 40])
    }),
  )

  it.live("writes each event as one line of data and a blank line, with no event line", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const { id } = yield* publish(address, { type: "a.b", properties: { n: 1 } })
      yield* reader.frameCount(2)
      expect(reader.frames[1]).toBe(`data: {"id":"${id}","type":"a.b","properties":{"n":1}}\n\n`)
    }),
  )

  it.live("gives every client an id of its own for server.connected", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const other = yield* StreamReader.open(`${address}/event`)
      yield* other.frameCount(1)
      expect(other.events[0]?.id).not.toBe(reader.events[0]?.id)
    }),
  )

  it.live("sends the first event before anything is published", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      const client = yield* RawClient.connect(address)
      yield* client.ask("GET /event")
      yield* client.until(({ received }) => received.includes("\n\n\r\n"))
      expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n[0-9a-f]+\r\ndata: \{/)
    }),
  )

  it.live("stays open while nothing is published", () =>
    Effect.gen(function* () {
      const { reader } = yield* connected
      const ended = yield* reader
        .until(({ end }) => end !== "open")
        .pipe(Effect.timeoutOption("300 millis"))
      expect(ended._tag).toBe("None")
    }),
  )
})

describe("POST /event", () => {
  it.live("answers the id under which everyone who is connected receives the event", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      const readers = yield* Effect.forEach([1, 2, 3], () => StreamReader.open(`${address}/event`))
      yield* Effect.forEach(readers, (reader) => reader.frameCount(1))
      const event = { type: "session.created", properties: { nested: { list: [1, null, "x"] } } }
      const answer = yield* publish(address, event)
      expect(answer.id).toMatch(/^evt_[0-9a-f]{32}$/)
      for (const reader of readers) {
        yield* reader.frameCount(2)
        expect(reader.events[1]).toEqual({ id: answer.id, ...event })
      }
    }),
  )

  it.live("keeps the order of events that are published one after the other", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const ids: Array<string> = []
      for (let n = 0; n < 50; n++) {
        ids.push((yield* publish(address, { type: "n", properties: { n } })).id)
      }
      yield* reader.frameCount(51)
      expect(reader.events.slice(1).map(({ id }) => id)).toEqual(ids)
    }),
  )

  it.live("gives a client nothing that was published before it connected", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      yield* publish(address, { type: "early", properties: {} })
      const reader = yield* StreamReader.open(`${address}/event`)
      yield* reader.frameCount(1)
      yield* publish(address, { type: "late", properties: {} })
      yield* reader.frameCount(2)
      expect(reader.events.map(({ type }) => type)).toEqual(["server.connected", "late"])
    }),
  )

  const separators = "\n \r \r\n \n\n \u2028 \u2029 \u0085 \u0000 \ufeff data: x\n\nevent: y"

  it.live("lets no line break inside an event break its frame", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const event = { type: `t${separators}`, properties: { [separators]: [separators] } }
      const { id } = yield* publish(address, event)
      yield* publish(address, { type: "next", properties: {} })
      yield* reader.frameCount(3)
      expect(reader.events[1]).toEqual({ id, ...event })
      expect(reader.events[2]?.type).toBe("next")
      expect(reader.frames[1]?.slice(0, -2)).not.toMatch(/[\n\r]/)
    }),
  )

  it.live("brings characters outside ASCII whole, wherever the network cuts them", () =>
    Effect.gen(function* () {
      const { address, reader } = yield* connected
      const text = "日本語🌍é".repeat(20_000)
      yield* publish(address, { type: "text", properties: { text } })
      yield* reader.frameCount(2)
      expect(reader.events[1]?.properties).toEqual({ text })
    }),
  )
})
