import { networkInterfaces } from "node:os"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { isThisMachine } from "../../src/server/debug.ts"
import { eventServer, portOf } from "../support/event-server.ts"

/** An address of this machine from which its own requests come as from anywhere else. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address

if (outside === undefined) {
  console.info("skipped: /debug/lifetimes from outside, because this machine has loopback alone")
}

const ask = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.promise(async (signal) => {
    const response = await fetch(url, { headers, signal })
    return { status: response.status, body: await response.json() }
  })

describe("GET /debug/lifetimes", () => {
  it.live("answers this machine", () =>
    Effect.gen(function* () {
      const address = yield* eventServer()
      expect(yield* ask(`${address}/debug/lifetimes`)).toMatchObject({
        status: 200,
        body: { exchanges: [], subscriptions: [], streams: [] },
      })
    }),
  )

  it.live.skipIf(outside === undefined)("is refused with 403 to any other peer", () =>
    Effect.gen(function* () {
      const port = portOf(yield* eventServer({ host: "0.0.0.0" }))
      expect(yield* ask(`http://${outside}:${port}/debug/lifetimes`)).toEqual({
        status: 403,
        body: { error: "forbidden", message: expect.any(String) },
      })
      expect(yield* ask(`http://${outside}:${port}/health`)).toMatchObject({ status: 200 })
    }),
  )

  it.live.skipIf(outside === undefined)("is refused to a peer that claims to be this machine", () =>
    Effect.gen(function* () {
      const port = portOf(yield* eventServer({ host: "0.0.0.0" }))
      const claims = { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1" }
      const answer = yield* ask(`http://${outside}:${port}/debug/lifetimes`, claims)
      expect(answer.status).toBe(403)
    }),
  )
})

describe("a peer", () => {
  const isFrom = (
    address: string | undefined,
    headers: Readonly<Record<string, string>> = { host: "localhost:4096" },
  ) => {
    const asked = new Request("http://server/debug/lifetimes", { headers })
    const request = HttpServerRequest.fromWeb(asked)
    const peer = Option.fromUndefinedOr(address)
    return isThisMachine.pipe(
      Effect.provideService(
        HttpServerRequest.HttpServerRequest,
        request.modify({ peerAddress: peer, remoteAddress: Option.some("127.0.0.1") }),
      ),
    )
  }

  it.effect.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])(
    "is this machine at %s",
    (address) =>
      Effect.gen(function* () {
        expect(yield* isFrom(address)).toBe(true)
      }),
  )

  it.effect.each(["10.0.0.1", "128.0.0.1", "1.127.0.0", "::2", "::ffff:10.0.0.1", "fe80::1", ""])(
    "is not this machine at %j",
    (address) =>
      Effect.gen(function* () {
        expect(yield* isFrom(address)).toBe(false)
      }),
  )

  it.effect.each([{ host: "127.0.0.1:4096" }, { host: "[::1]:4096" }])(
    "is this machine that asks for %j",
    (headers) =>
      Effect.gen(function* () {
        expect(yield* isFrom("127.0.0.1", headers)).toBe(true)
      }),
  )

  it.effect.each([
    { host: "localhost:4096", origin: "https://elsewhere.example" },
    { host: "rebound.example:4096" },
    { host: "127.0.0.1.example" },
  ])("is no program of this machine with %j", (headers) =>
    Effect.gen(function* () {
      expect(yield* isFrom("127.0.0.1", headers)).toBe(false)
    }),
  )
})
