import type { ServerResponse } from "node:http"
import type { Transform } from "node:stream"
import {
  brotliCompressSync,
  createBrotliCompress,
  createDeflate,
  createGzip,
  createZstdCompress,
  gzipSync,
} from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ProbeOptions, probe } from "../../src/probe/probe.ts"
import { eventually } from "../support/eventually.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { probing } from "./probing.ts"

const probed = (url: string, options: Partial<ProbeOptions> = {}) => probe(probing(url, options))

const stream = { "content-type": "text/event-stream" }
const tick = "event: tick\ndata: 1\n\n"

type Compressor = Transform & { readonly flush: () => void }

const compressors: ReadonlyArray<readonly [string, () => Compressor]> = [
  ["gzip", createGzip],
  ["deflate", createDeflate],
  ["br", createBrotliCompress],
  ["zstd", createZstdCompress],
]

/** Sends three ticks, and then one every 10 ms until the client leaves. */
const ticking = (
  response: ServerResponse,
  body: { write: (text: string) => void },
  sent = () => {},
) => {
  const send = () => {
    body.write(tick)
    sent()
  }
  for (let first = 0; first < 3; first++) send()
  const timer = setInterval(send, 10)
  response.on("close", () => clearInterval(timer))
}

const compressing = (encoding: string, compressor: Compressor, flushes: boolean) => {
  return (response: ServerResponse) => {
    response.writeHead(200, { ...stream, "content-encoding": encoding }).flushHeaders()
    compressor.pipe(response)
    ticking(response, compressor, () => {
      if (flushes) compressor.flush()
    })
  }
}

const seenBy = (result: Effect.Success<ReturnType<typeof probed>>) =>
  result.visit.connections.map(({ seen }) => seen)

describe("a probe that asks as browsers do", () => {
  it.live.each(compressors)("reads the events of a stream in %s", ([encoding, make]) =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) =>
        compressing(encoding, make(), true)(response),
      )
      // A probe leaves after its time, whatever has come on a busy machine.
      const result = yield* eventually(
        probed(address, { hold: 200 }),
        (one) => (seenBy(one)[0]?.events.get("tick") ?? 0) > 2,
        "20 seconds",
      )
      const [seen] = seenBy(result)
      expect(seen).toMatchObject({ contentEncoding: encoding, endedBy: "client", status: 200 })
      expect(result).toMatchObject({ findings: [], notes: [], asExpected: true })
    }),
  )

  it.live.each(compressors)("sees that a stream in %s ended", ([encoding, make]) =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(200, { ...stream, "content-encoding": encoding })
        make()
          .once("error", () => {})
          .end(tick)
          .pipe(response)
      })
      const result = yield* probed(address, { expectEnd: true, hold: 5_000 })
      const [seen] = seenBy(result)
      expect(seen).toMatchObject({ endedBy: "server" })
      expect(Object.fromEntries(seen?.events ?? [])).toEqual({ tick: 1 })
    }),
  )

  it.live("accepts what it can decode, and asks once", () =>
    Effect.gen(function* () {
      const accepted: Array<string | undefined> = []
      const address = yield* listening((request, response) => {
        accepted.push(String(request.headers["accept-encoding"]))
        response.writeHead(200, stream).write(tick)
      })
      yield* probed(address)
      expect(accepted).toEqual(["gzip, deflate, br, zstd"])
      accepted.length = 0
      yield* probed(address, { connections: 100 })
      expect(new Set(accepted)).toEqual(new Set(["gzip, deflate"]))
    }),
  )

  it.live("finds compression that holds events back, which come to a client without it", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        if (request.headers["accept-encoding"] !== undefined) {
          compressing("gzip", createGzip(), false)(response)
        } else {
          response.writeHead(200, stream)
          ticking(response, response)
        }
      })
      const result = yield* probed(`${address}/sse`, { hold: 100 })
      expect(result.asExpected).toBe(false)
      expect(result.findings).toMatchObject([
        {
          rule: "compression-holds-events",
          severity: "error",
          confidence: "likely",
          route: "GET /sse",
          count: 1,
          message: expect.stringMatching(
            /^To a client that accepts compression, as browsers do, the answer was compressed with gzip, and no event came in .* A client that accepts none received \d+ events meanwhile \(\d+ tick\)\.$/,
          ),
        },
      ])
    }),
  )

  it.live("finds the same where not even a head comes with compression", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        if (request.headers["accept-encoding"] !== undefined) return
        response.writeHead(200, stream)
        ticking(response, response)
      })
      const result = yield* probed(address, { hold: 50, patience: 200 })
      expect(result.findings.map(({ rule }) => rule)).toEqual(["compression-holds-events"])
      expect(result.findings[0]?.message).toContain("no answer came in")
    }),
  )

  it.live("says that compression delays events where some come with it", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        if (request.headers["accept-encoding"] !== undefined) {
          response.writeHead(200, { ...stream, "content-encoding": "gzip" })
          const compressor = createGzip()
          compressor.pipe(response)
          compressor.write(tick)
          compressor.flush()
        } else {
          response.writeHead(200, stream)
          ticking(response, response)
        }
      })
      const { findings, notes } = yield* probed(address, { hold: 200 })
      expect(findings).toEqual([])
      expect(notes).toEqual([
        expect.stringMatching(/^Compression delays events: 1 came with it, and \d+ without it/),
      ])
    }),
  )

  it.live("blames compression for no client that was answered without it", () =>
    Effect.gen(function* () {
      let asked = 0
      const address = yield* listening((_, response) => {
        asked++
        if (asked === 2) return
        response.writeHead(200, stream)
        if (asked === 1) response.flushHeaders()
        else ticking(response, response)
      })
      const result = yield* probed(address, { connections: 2, hold: 50, patience: 200 })
      expect(result.findings).toMatchObject([{ rule: "compression-holds-events", count: 1 }])
    }),
  )

  it.live("sends no request twice that may do something", () =>
    Effect.gen(function* () {
      const bodies: Array<string> = []
      const address = yield* listening((request, response) => {
        request.on("data", (sent) => bodies.push(String(sent)))
        compressing("gzip", createGzip(), false)(response)
      })
      const request = { method: "POST", headers: {}, body: "pay" }
      yield* probed(address, { request })
      expect(bodies).toEqual(["pay"])
    }),
  )

  it.live("asks as it is told, and compares nothing then", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const address = yield* listening((request, response) => {
        asked.push(String(request.headers["accept-encoding"]))
        compressing("gzip", createGzip(), false)(response)
      })
      const request = { method: "GET", headers: { "accept-encoding": "gzip" }, body: undefined }
      const { findings } = yield* probed(address, { request })
      expect({ asked, findings }).toEqual({ asked: ["gzip"], findings: [] })
    }),
  )
})

describe("a probe of a hostile server", () => {
  it.live.each([
    ["gzip", gzipSync(Buffer.alloc(64 * 1024 * 1024, "x"))],
    ["br", brotliCompressSync(Buffer.alloc(64 * 1024 * 1024, "x"))],
  ] as const)(
    "gives up on an event that is small in %s, and large without it",
    ([encoding, bomb]) =>
      Effect.gen(function* () {
        expect(bomb.length).toBeLessThan(128 * 1024)
        const address = yield* listening((_, response) => {
          response.writeHead(200, { ...stream, "content-encoding": encoding }).write(bomb)
        })
        const before = process.memoryUsage().rss
        const result = yield* probed(address, { hold: 10_000 })
        expect(result.notes).toEqual([
          "1 of 1 connections were given up: an event is too long to be read.",
        ])
        expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
      }),
    30_000,
  )

  it.live(
    "leaves in time while a bomb of comments is decoded",
    () =>
      Effect.gen(function* () {
        const comments = gzipSync(Buffer.alloc(256 * 1024 * 1024, ":\n"))
        const address = yield* listening((_, response) => {
          response.writeHead(200, { ...stream, "content-encoding": "gzip" }).write(comments)
        })
        const [seen] = seenBy(yield* probed(address, { hold: 50 }))
        expect(seen?.endedBy).toBe("client")
        expect(seen?.streamMs).toBeLessThan(2_000)
      }),
    30_000,
  )

  it.live.each([
    ["what is called gzip is not", "gzip"],
    ["what is called zstd is not", "zstd"],
    ["\\u0080x cannot be decoded", "\u0080x"],
    ["gzip, br cannot be decoded", "gzip, br"],
  ])("says that %s", ([reason, encoding]) =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: ${encoding}\r\n\r\n`
        response.socket?.write(`${head}${tick.repeat(100)}`, "latin1")
      })
      const result = yield* probed(address)
      expect(result).toMatchObject({ findings: [], asExpected: false })
      expect(result.notes[0]).toMatch(/^1 of 1 connections were given up: /)
      expect(result.notes[0]).toContain(reason)
    }),
  )
})
