import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ProbeOptions, type ProbeResult, probe } from "../../src/probe/probe.ts"
import { eventServer } from "../support/event-server.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { refusingAddress, silentServer } from "../support/silent-server.ts"
import { probing, publishing } from "./probing.ts"

const probed = (url: string, options: Partial<ProbeOptions> = {}) => probe(probing(url, options))

const eventsOf = ({ visit }: ProbeResult) =>
  visit.connections.map(({ seen }) => Object.fromEntries(seen.events))

const rulesOf = ({ findings }: ProbeResult) =>
  findings.map(({ rule, confidence, count }) => `${rule} ${confidence} ${count}`)

const stream = { "content-type": "text/event-stream" }

describe("a probe that sees a stream from outside", () => {
  it.live("reports that the server ended it, as likely, with the lifetime that was measured", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ variant: "broken" })
      const result = yield* probed(`${address}/event`)
      expect(rulesOf(result)).toEqual(["server-ended-stream likely 1"])
      expect(result.asExpected).toBe(false)
      const [connection] = result.visit.connections
      expect(connection?.seen).toMatchObject({ status: 200, endedBy: "server" })
      expect(eventsOf(result)).toEqual([{ "server.connected": 1 }])
      expect(result.findings[0]).toMatchObject({
        route: "GET /event",
        operation: "client GET /event",
        message: expect.stringMatching(
          /after [\d.]+ m?s \(the client's own time\): .* no event besides 1 of the server's own \(1 server\.connected\)/,
        ),
        evidence: {
          "stream.ms": connection?.seen.streamMs,
          "ended.by": "server",
          "events.received": 0,
          "events.own": 1,
        },
        examples: [{ traceId: connection?.traceId, spanIds: [connection?.spanId] }],
      })
    }),
  )

  it.live("has nothing to say where the end was expected", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ variant: "broken" })
      const result = yield* probed(`${address}/event`, { expectEnd: true })
      expect(result).toMatchObject({ findings: [], notes: [], asExpected: true })
    }),
  )

  it.live("reports a stream that broke off, and one that was reset without an answer", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        if (request.url === "/now") request.socket.resetAndDestroy()
        else {
          response.writeHead(200, stream).write("data: {}\n\n")
          setImmediate(() => request.socket.resetAndDestroy())
        }
      })
      for (const [path, status] of [
        ["later", 200],
        ["now", undefined],
      ] as const) {
        const result = yield* probed(`${address}/${path}`)
        expect(rulesOf(result)).toEqual(["server-ended-stream likely 1"])
        expect(result.visit.connections[0]?.seen).toMatchObject({ status, endedBy: "error" })
      }
    }),
  )

  it.live("finds nothing on a stream that stays open, and leaves when it was told to", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      const result = yield* probed(`${address}/event`, { connections: 5, hold: 200 })
      expect(result).toMatchObject({ findings: [], notes: [], asExpected: true })
      expect(eventsOf(result)).toEqual(Array(5).fill({ "server.connected": 1 }))
      for (const { seen } of result.visit.connections) {
        expect(seen.endedBy).toBe("client")
        expect(seen.streamMs).toBeGreaterThan(190)
      }
    }),
  )

  it.live(
    "sends the trigger once, when every connection has had its first event or has ended",
    () =>
      Effect.gen(function* () {
        const moments: Array<string> = []
        let connected = 0
        const bodies: Array<string> = []
        const address = yield* listening((request, response) => {
          if (request.method === "POST") {
            moments.push(`${request.method} ${request.url}`)
            request.setEncoding("utf8").on("data", (text: string) => bodies.push(text))
            request.on("end", () => response.writeHead(500).end())
            return
          }
          connected += 1
          response.writeHead(200, stream)
          if (connected === 1) {
            moments.push("ended")
            response.end()
          } else {
            setTimeout(() => {
              moments.push("first event")
              response.write("event: hello\ndata: 1\n\n")
            }, 100)
          }
        })
        const trigger = { method: "POST", path: "/session?x=1", body: '{"a":1}' }
        const result = yield* probed(`${address}/any?thing=1`, { connections: 3, trigger })
        expect(moments).toEqual(["ended", "first event", "first event", "POST /session?x=1"])
        expect(bodies).toEqual(['{"a":1}'])
        expect(result.notes).toEqual(["The trigger POST /session?x=1 was answered 500."])
        expect(eventsOf(result)).toEqual([{}, { hello: 1 }, { hello: 1 }])
      }),
  )

  it.live("says what a baseline received and this server did not, summed over connections", () =>
    Effect.gen(function* () {
      const broken = `${yield* eventServer({ variant: "broken" })}/event`
      const fixed = `${yield* eventServer()}/event`
      const options = { connections: 2, trigger: yield* publishing("message.completed") }
      const worse = yield* probed(broken, { ...options, baseline: fixed })
      expect(worse.baseline?.deviation).toEqual({ missing: { "message.completed": 2 }, extra: {} })
      expect(rulesOf(worse)).toEqual(["server-ended-stream likely 2"])
      const better = yield* probed(fixed, { ...options, baseline: broken })
      expect(better.baseline?.deviation).toEqual({
        missing: {},
        extra: { "message.completed": 2 },
      })
      expect(better).toMatchObject({ findings: [], asExpected: false })
      expect(better.notes).toEqual(["Baseline: Its server ended 2 of 2 connections."])
      const same = yield* probed(fixed, { ...options, baseline: fixed })
      expect(same.asExpected).toBe(true)
    }),
  )

  it.live("leaves heartbeats out of the difference", () =>
    Effect.gen(function* () {
      const beating = (beats: number) =>
        listening((_, response) => {
          response.writeHead(200, stream)
          response.write("event: server.heartbeat\ndata: 1\n\n".repeat(beats))
        })
      const baseline = yield* beating(3)
      const result = yield* probed(yield* beating(1), { baseline })
      expect(result.baseline?.deviation).toEqual({ missing: {}, extra: {} })
    }),
  )

  it.live("says what it got where that is no event stream", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        const ok = request.url === "/json"
        response.writeHead(
          ok ? 200 : 503,
          ok ? { "content-type": "application/\u0080json" } : stream,
        )
        response.end("data: {}\n\n")
      })
      const json = yield* probed(`${address}/json`)
      const busy = yield* probed(`${address}/busy`)
      expect(json.notes).toEqual([
        "1 of 1 connections got no event stream but status 200 with content type application/\\u0080json.",
      ])
      expect(busy.notes).toEqual([
        "1 of 1 connections got no event stream but status 503 with content type text/event-stream.",
      ])
      for (const result of [json, busy]) {
        expect(result).toMatchObject({ findings: [], asExpected: false })
        expect(eventsOf(result)).toEqual([{}])
      }
    }),
  )

  it.live("fails with the address where nobody listens", () =>
    Effect.gen(function* () {
      const address = yield* refusingAddress
      const error = yield* Effect.flip(probed(`${address}/event?secret=1`))
      expect(error.message).toBe(
        `${address}/event does not answer (ECONNREFUSED): start the server, or correct the address.`,
      )
    }),
  )

  it.live("fails where what answers is no HTTP", () =>
    Effect.gen(function* () {
      const address = yield* listening((request) => request.socket.end("SSH-2.0-x\r\n"))
      const error = yield* Effect.flip(probed(`${address}/event`))
      expect(error.message).toMatch(/does not answer \(HPE_/)
    }),
  )

  it.live("gives up on an event without an end, and keeps no more types than it can count", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        response.writeHead(200, stream)
        if (request.url === "/types") {
          const types = Array.from({ length: 1500 }, (_, type) => `event: ${type}\ndata: 1\n\n`)
          response.end([...types, ...types].join(""))
          return
        }
        const more = () => {
          if (!response.destroyed) response.write("x".repeat(1 << 20), more)
        }
        response.write("data: ")
        more()
      })
      const endless = yield* probed(`${address}/endless`, { hold: 10_000 })
      expect(endless.notes).toEqual([
        "1 of 1 connections were given up: an event is too long to be read.",
      ])
      expect(endless).toMatchObject({ findings: [], asExpected: false })
      const types = yield* probed(`${address}/types`)
      const [events = {}] = eventsOf(types)
      expect(Object.keys(events)).toHaveLength(1001)
      expect(events).toMatchObject({ 0: 2, 999: 2, "(others)": 1000 })
    }),
  )

  it.live("counts types that are called like what every object has", () =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(200, stream)
        response.write("event: constructor\ndata: 1\n\nevent: __proto__\ndata: 1\n\n".repeat(2))
      })
      const [events = {}] = eventsOf(yield* probed(address))
      expect(Object.entries(events)).toEqual([
        ["constructor", 2],
        ["__proto__", 2],
      ])
    }),
  )

  it.live("says that a server never answered", () =>
    Effect.gen(function* () {
      const result = yield* probed(yield* silentServer, { patience: 100 })
      expect(result.notes).toEqual(["1 of 1 connections had no answer before they left."])
      expect(result).toMatchObject({ findings: [], asExpected: false })
    }),
  )

  it.live("sends the trigger also where no event comes without it, and says so", () =>
    Effect.gen(function* () {
      let publish = () => {}
      const address = yield* listening((request, response) => {
        if (request.method === "GET") {
          response.writeHead(200, stream).flushHeaders()
          publish = () => response.write("event: caused\ndata: 1\n\n")
        } else {
          response.end()
          publish()
        }
      })
      const trigger = { method: "PUT", path: "//x", body: undefined }
      const result = yield* probed(address, { trigger, patience: 100 })
      expect(eventsOf(result)).toEqual([{ caused: 1 }])
      expect(result.notes).toEqual([
        "1 of 1 connections had no event after 100 ms, so the trigger was sent without waiting longer.",
      ])
    }),
  )
})
