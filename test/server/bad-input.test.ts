import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventServer } from "../support/event-server.ts"
import { RawClient } from "../support/raw-client.ts"

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly allow: string | null
  readonly body: unknown
}

const ask = (url: string, init: RequestInit) =>
  Effect.promise(async (signal): Promise<Answer> => {
    const response = await fetch(url, { ...init, signal })
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      allow: response.headers.get("allow"),
      body: await response.json(),
    }
  })

const post = Effect.fnUntraced(function* (body: string) {
  const address = yield* eventServer()
  return yield* ask(`${address}/event`, { method: "POST", body })
})

/** Sends the body in pieces, whose number nobody knows before. */
const postChunked = Effect.fnUntraced(function* (body: string) {
  const address = yield* eventServer()
  const streamed: RequestInit & { readonly duplex: "half" } = {
    method: "POST",
    body: new Blob([body]).stream(),
    duplex: "half",
  }
  return yield* ask(`${address}/event`, streamed)
})

const mebibyte = 1024 * 1024

/** An event whose JSON has that many bytes. */
const eventOf = (bytes: number) => {
  const frame = JSON.stringify({ type: "x", properties: { text: "" } })
  return JSON.stringify({ type: "x", properties: { text: "a".repeat(bytes - frame.length) } })
}

describe("a body that is no event", () => {
  it.live.each(["{", "", "{'a': 1}", '{"type":"x","properties":{}} x'])(
    "is refused with 400 and the parser's own words when it is malformed JSON: %s",
    (text) =>
      Effect.gen(function* () {
        const answer = yield* post(text)
        expect(answer).toMatchObject({
          status: 400,
          type: "application/json",
          body: { error: "malformed_json", message: expect.stringMatching(/JSON/) },
        })
      }),
  )

  it.live.each([
    { body: { properties: {} }, path: "type", says: /missing/i },
    { body: { type: "", properties: {} }, path: "type", says: /at least 1/ },
    { body: { type: 7, properties: {} }, path: "type", says: /string/i },
    { body: { type: "x" }, path: "properties", says: /missing/i },
    { body: { type: "x", properties: [1] }, path: "properties", says: /object/i },
    { body: [], path: "", says: /EventInput/ },
    { body: null, path: "", says: /EventInput/ },
  ])("is refused with 400, and is told where it is wrong: $body", ({ body, path, says }) =>
    Effect.gen(function* () {
      const answer = yield* post(JSON.stringify(body))
      expect(answer).toMatchObject({
        status: 400,
        type: "application/json",
        body: {
          error: "invalid_event",
          message: expect.stringMatching(/"type".*"properties"/),
          issues: [{ path, message: expect.stringMatching(says) }],
        },
      })
    }),
  )

  it.live("is told everything that is wrong with it at once", () =>
    Effect.gen(function* () {
      const answer = yield* post(JSON.stringify({ type: 1, properties: 2 }))
      expect(answer.body).toMatchObject({ issues: [{ path: "type" }, { path: "properties" }] })
    }),
  )

  const nested = (levels: number) =>
    `{"type":"x","properties":{"a":${"[".repeat(levels)}${"]".repeat(levels)}}}`

  it.live.each([nested(101), nested(400_000), "[".repeat(500_000) + "]".repeat(500_000)])(
    "is refused with 400 and the reason when it is nested too deep (%#)",
    (text) =>
      Effect.gen(function* () {
        expect(yield* post(text)).toMatchObject({
          status: 400,
          body: { error: "too_deep", message: expect.stringMatching(/100 levels/) },
        })
      }),
  )

  it.live("is one that nests a little when it is nested a little", () =>
    Effect.gen(function* () {
      expect(yield* post(nested(90))).toMatchObject({ status: 200 })
    }),
  )

  it.live("reaches nobody", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      const client = yield* RawClient.connect(address)
      yield* client.ask("GET /event")
      yield* client.until(({ received }) => received.includes("server.connected"))
      yield* ask(`${address}/event`, { method: "POST", body: '{"type":"","properties":{}}' })
      yield* ask(`${address}/event`, { method: "POST", body: '{"type":"good","properties":{}}' })
      yield* client.until(({ received }) => received.includes('"good"'))
      expect(client.received.match(/data: /g)).toHaveLength(2)
    }),
  )
})

describe("the size of a body", () => {
  it.live("may be 1 MiB", () =>
    Effect.gen(function* () {
      expect(yield* post(eventOf(mebibyte))).toMatchObject({ status: 200 })
    }),
  )

  it.live("may be 1 MiB, too, where no length was announced", () =>
    Effect.gen(function* () {
      expect(yield* postChunked(eventOf(mebibyte))).toMatchObject({ status: 200 })
    }),
  )

  const tooLarge = {
    status: 413,
    type: "application/json",
    body: { error: "too_large", message: expect.stringMatching(/1048576/) },
  }

  it.live("is refused with 413 one byte above 1 MiB", () =>
    Effect.gen(function* () {
      expect(yield* post(eventOf(mebibyte + 1))).toMatchObject(tooLarge)
    }),
  )

  it.live("is refused with 413 one byte above 1 MiB, too, where no length was announced", () =>
    Effect.gen(function* () {
      expect(yield* postChunked(eventOf(mebibyte + 1))).toMatchObject(tooLarge)
    }),
  )

  it.live("is refused by its announced length, before any of it was sent", () =>
    Effect.gen(function* () {
      const client = yield* RawClient.connect(yield* eventServer())
      client.socket.write(
        "POST /event HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999\r\n\r\n",
      )
      yield* client.until(({ received }) => received.endsWith("}"))
      expect(client.received).toMatch(/^HTTP\/1\.1 413 /)
    }),
  )

  it.live("is refused while it is still being sent, where no length was announced", () =>
    Effect.gen(function* () {
      const client = yield* RawClient.connect(yield* eventServer())
      client.socket.write(
        "POST /event HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n",
      )
      client.socket.write(`200000\r\n${"a".repeat(2 * mebibyte)}\r\n`)
      yield* client.until(({ received }) => received.endsWith("}"))
      expect(client.received).toMatch(/^HTTP\/1\.1 413 /)
    }),
  )
})

describe("a request that no route answers", () => {
  it.live.each(["/", "/events", "/event/x", "/nowhere?x=1", "/debug", "/%zz"])(
    "is refused with 404 at an unknown path: %s",
    (path) =>
      Effect.gen(function* () {
        const address = yield* eventServer()
        expect(yield* ask(address + path, {})).toMatchObject({
          status: 404,
          type: "application/json",
          body: {
            error: "not_found",
            message: expect.stringContaining(path.split("?", 1)[0] ?? ""),
          },
        })
      }),
  )

  it.live.each([
    { method: "PUT", path: "/event", allow: "GET, HEAD, POST" },
    { method: "DELETE", path: "/event?x=1", allow: "GET, HEAD, POST" },
    { method: "OPTIONS", path: "/event", allow: "GET, HEAD, POST" },
    { method: "POST", path: "/health", allow: "GET, HEAD" },
    { method: "PATCH", path: "/debug/lifetimes", allow: "GET, HEAD" },
    { method: "POST", path: "/doc", allow: "GET, HEAD" },
  ])("is refused with 405 and the methods that are: $method $path", ({ method, path, allow }) =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      expect(yield* ask(address + path, { method })).toMatchObject({
        status: 405,
        type: "application/json",
        allow,
        body: { error: "method_not_allowed", message: expect.stringContaining(method) },
      })
    }),
  )
})
