import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { requestOf } from "../../src/commands/probe/request-flags.ts"
import { NoAnswer } from "../../src/probe/no-answer.ts"
import { type ProbeOptions, probe } from "../../src/probe/probe.ts"
import { listening } from "../support/jaeger-stand-in.ts"
import { secureServer } from "../support/secure-server.ts"
import { probing } from "./probing.ts"

const probed = (url: string, options: Partial<ProbeOptions> = {}) => probe(probing(url, options))

const stream = { "content-type": "text/event-stream" }

const eventsOf = ({ visit }: Effect.Success<ReturnType<typeof probed>>) =>
  visit.connections.map(({ seen }) => Object.fromEntries(seen.events))

const told = (words: Partial<Parameters<typeof requestOf>[0]>) =>
  requestOf({ header: [], method: undefined, data: undefined, ...words })

describe("a probe that is told how to ask", () => {
  it.live("sends a body as MCP wants it, and the headers, also with the trigger", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const address = yield* listening((request, response) => {
        const { accept, authorization } = request.headers
        const type = request.headers["content-type"]
        request.setEncoding("utf8").on("data", (body: string) => {
          asked.push([request.method, request.url, accept, type, authorization, body].join(" | "))
        })
        request.on("end", () => {
          if (request.url === "/publish") response.end()
          else response.writeHead(200, stream).write('data: {"jsonrpc":"2.0","result":{}}\n\n')
        })
      })
      const request = told({ data: '{"a":1}', header: ["Authorization: Bearer x"] })
      const trigger = { method: "PUT", path: "/publish", body: "{}" }
      const result = yield* probed(`${address}/mcp`, { request, trigger })
      expect(asked).toEqual([
        'POST | /mcp | application/json, text/event-stream | application/json | Bearer x | {"a":1}',
        "PUT | /publish | application/json, text/event-stream | application/json | Bearer x | {}",
      ])
      expect(eventsOf(result)).toEqual([{ result: 1 }])
      expect(result.asExpected).toBe(true)
    }),
  )

  it.live("calls the end of a stream by the method", () =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(200, stream).end()
      })
      const { findings } = yield* probed(`${address}/mcp`, { request: told({ method: "post" }) })
      expect(findings).toMatchObject([{ route: "POST /mcp", operation: "client POST /mcp" }])
    }),
  )

  it("sends what a header says, and not what it would say without it", () => {
    expect(told({ data: "a", header: ["content-type: text/plain", "ACCEPT:  */*"] })).toEqual({
      method: "POST",
      body: "a",
      headers: { accept: "*/*", "content-type": "text/plain" },
    })
  })
})

describe("a probe that is redirected", () => {
  it.live("follows, says where to, and tells another server nothing that may be secret", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const say = (server: string) => (request: Parameters<Parameters<typeof listening>[0]>[0]) =>
        asked.push(`${server} ${request.method} ${request.url} ${request.headers["x-key"]}`)
      const other = yield* listening((request, response) => {
        say("other")(request)
        response.writeHead(200, stream).write("data: 1\n\n")
      })
      const address = yield* listening((request, response) => {
        say("first")(request)
        const location = request.url === "/a" ? "/b?x=1" : `${other}/c?token=secret#top`
        response.writeHead(request.url === "/a" ? 303 : 307, { location }).end("not read")
      })
      const request = told({ data: "{}", header: ["x-key: secret"] })
      const result = yield* probed(`${address}/a`, { request })
      expect(asked).toEqual([
        "first POST /a secret",
        "first GET /b?x=1 secret",
        "other GET /c?token=secret undefined",
      ])
      expect(eventsOf(result)).toEqual([{ message: 1 }])
      expect(result.asExpected).toBe(true)
      expect(result.notes).toEqual([
        expect.stringMatching(/^1 of 1 connections were redirected to http/),
      ])
      expect(result.notes[0]).not.toContain("secret")
    }),
  )

  it.live("gives up where it is led in a circle", () =>
    Effect.gen(function* () {
      let asked = 0
      const address = yield* listening((_, response) => {
        asked += 1
        response.writeHead(302, { location: "/" }).end()
      })
      const error = yield* Effect.flip(probed(address))
      expect(error.message).toBe(
        `${address}/ leads in a circle (more than 20 redirects): correct what it redirects to.`,
      )
      expect(asked).toBe(21)
    }),
  )

  it.live("follows nowhere but over HTTP", () =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(302, { location: "file:///etc/passwd" }).end()
      })
      const { notes } = yield* probed(address)
      expect(notes).toEqual([expect.stringContaining("got no event stream but status 302")])
    }),
  )

  it.live("names the server that it was led to where that does not answer", () =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(302, { location: "http://127.0.0.1:1/b" }).end()
      })
      const error = yield* Effect.flip(probed(address))
      expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:1\/b does not answer/)
    }),
  )
})

describe("the events that a probe counts", () => {
  it.live.each([
    ['event: delta\ndata: {"type":"delta"}', { delta: 1 }],
    ['event: message.part\ndata: {"type":"delta"}', { "message.part (delta)": 1 }],
    ['data: {"type":"server.connected"}', { "server.connected": 1 }],
    ["event: done\ndata: [DONE]", { done: 1 }],
    ['data: {"jsonrpc":"2.0","method":"notifications/progress"}', { "notifications/progress": 1 }],
    ['data: {"jsonrpc":"2.0","error":{}}', { error: 1 }],
  ])("have the name on the line and the type in the data: %s", ([text, events]) =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => {
        response.writeHead(200, stream).write(`${text}\n\n`)
      })
      expect(eventsOf(yield* probed(address))).toEqual([events])
    }),
  )
})

describe("a stream that breaks off", () => {
  it.live("has been silent before for as long as is said", () =>
    Effect.gen(function* () {
      const address = yield* listening((request, response) => {
        response.writeHead(200, stream).write("data: 1\n\n")
        setTimeout(() => request.socket.resetAndDestroy(), 300)
      })
      const { findings, visit } = yield* probed(address, { hold: 5_000 })
      const silent = visit.connections[0]?.seen.silentMs
      expect(silent).toBeGreaterThan(250)
      expect(findings[0]?.evidence).toMatchObject({ "silent.ms": silent })
    }),
  )
})

describe("an address of the wrong protocol", () => {
  it.live("is named where http is spoken to a server of TLS", () =>
    Effect.gen(function* () {
      const address = yield* secureServer((_, response) => response.end())
      const url = `${address.replace("https:", "http:")}/event`
      const error = yield* Effect.flip(probed(url))
      expect(error.message).toBe(
        `${url} does not speak http (TLS on this port): write https:// instead of http://.`,
      )
    }),
  )

  it.live("is named where a server of TLS answers plain http with 400", () =>
    Effect.gen(function* () {
      const address = yield* secureServer((_, response) => response.end(), {
        onPlain: "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
      })
      const { notes } = yield* probed(`${address.replace("https:", "http:")}/event`)
      expect(notes).toContain("This port speaks TLS: write https:// instead of http://.")
    }),
  )

  it.live("is named where TLS is spoken to a server without", () =>
    Effect.gen(function* () {
      const address = yield* listening((_, response) => response.end())
      const url = `${address.replace("http:", "https:")}/event`
      const error = yield* Effect.flip(probed(url))
      expect(error.message).toMatch(/does not speak TLS \(\w+\): write http:\/\/ instead of https:/)
    }),
  )

  it.live("has a certificate that is called what it is", () =>
    Effect.gen(function* () {
      const address = yield* secureServer((_, response) => response.end())
      const error = yield* Effect.flip(probed(`${address}/event`))
      expect(error.message).toBe(
        `${address}/event has a certificate that is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT): ` +
          "name a file with the certificate of its authority in NODE_EXTRA_CA_CERTS.",
      )
    }),
  )

  it.each([
    ["CERT_HAS_EXPIRED", "has a certificate that has expired (CERT_HAS_EXPIRED): renew it."],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "has a certificate for another name"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "has a certificate that cannot be verified"],
    ["ENOTFOUND", "has a host that is not known (ENOTFOUND): correct the address."],
    ["ECONNREFUSED", "does not answer (ECONNREFUSED): start the server, or correct the address."],
    ["\u001b[31m", "does not answer (\\u001b[31m)"],
  ])("is named: %s", (reason, message) => {
    expect(new NoAnswer({ server: "https://a", reason }).message).toContain(`https://a ${message}`)
  })
})
