import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Asked, asked } from "../support/asked.ts"
import { eventServer, portOf } from "../support/event-server.ts"
import { RawClient } from "../support/raw-client.ts"

const evil = "http://evil.example"

const event = '{"type":"message.part.delta","properties":{}}'

const routes: ReadonlyArray<Asked & { readonly path: string }> = [
  { method: "GET", path: "/event" },
  { path: "/event", method: "POST", body: event },
  { path: "/event", method: "HEAD" },
  { path: "/event", method: "OPTIONS" },
  { method: "GET", path: "/health" },
  { method: "GET", path: "/doc" },
  { method: "GET", path: "/debug/lifetimes" },
  { method: "GET", path: "/nowhere" },
]

const forbidden = { status: 403, headers: { "content-type": "application/json" } }

describe("the event server", () => {
  it.live.each(routes)("refuses another name of this machine: $method $path", (route) =>
    Effect.gen(function* () {
      const address = yield* eventServer({ cors: "*" })
      const host = `rebound.example:${portOf(address)}`
      expect(yield* asked(address + route.path, { ...route, headers: { host } })).toMatchObject(
        forbidden,
      )
    }),
  )

  it.live.each(routes)("refuses a page of another origin: $method $path", (route) =>
    Effect.gen(function* () {
      const address = yield* eventServer({ cors: "http://page.example" })
      const headers = { origin: evil, "access-control-request-method": "POST" }
      expect(yield* asked(address + route.path, { ...route, headers })).toMatchObject(forbidden)
    }),
  )

  it.live.each(["text/plain", "application/json", "application/x-www-form-urlencoded"])(
    "brings nobody what a page of another origin posts as %s, which its browser would not ask about",
    (type) =>
      Effect.gen(function* () {
        const address = yield* eventServer()
        const client = yield* RawClient.connect(address)
        yield* client.ask("GET /event")
        yield* client.until(({ received }) => received.includes("server.connected"))
        const post = { method: "POST", body: event }
        const foreign = { ...post, headers: { origin: evil, "content-type": type } }
        expect((yield* asked(`${address}/event`, foreign)).status).toBe(403)
        const own = { ...post, headers: { origin: address, "content-type": type } }
        expect((yield* asked(`${address}/event`, own)).status).toBe(200)
        yield* client.until(({ received }) => received.includes("message.part.delta"))
        expect(client.received.match(/message\.part\.delta/g)).toHaveLength(1)
      }),
  )

  it.live("says which name it refuses and how to allow it, and answers one that is allowed", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ allowHosts: ["sse-broken"] })
      const ask = (host: string) => asked(`${address}/health`, { headers: { host } })
      expect(JSON.parse((yield* ask("sse-fixed:4096")).text)).toEqual({
        error: "forbidden",
        message: 'This server is not asked as "sse-fixed": allow that name with --allow-host.',
      })
      expect((yield* ask("sse-broken:4096")).status).toBe(200)
    }),
  )

  it.live("tells what is open to this machine alone, under an allowed name too", () =>
    Effect.gen(function* () {
      const address = yield* eventServer({ allowHosts: ["sse-broken"] })
      const headers = { host: "sse-broken:4096" }
      expect((yield* asked(`${address}/debug/lifetimes`, { headers })).status).toBe(403)
      expect((yield* asked(`${address}/debug/lifetimes`)).status).toBe(200)
    }),
  )
})
