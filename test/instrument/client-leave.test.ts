import { deepStrictEqual, strictEqual } from "node:assert"
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http"
import type { Socket } from "node:net"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { deafServer } from "../../src/scenarios/disconnect-unseen.ts"
import { serving } from "../../src/scenarios/stage.ts"
import { eventually } from "../support/eventually.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = "100 millis"

const endless = Effect.sync(() => eventStream(Stream.concat(Stream.make(1), Stream.never)))

/** Asks a server of this response, reads the first bytes, and leaves. */
const visited = Effect.fnUntraced(function* (
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse>,
  makeServer: () => Server = createServer,
) {
  const server = yield* serving(HttpRouter.add("GET", "/event", handler), makeServer)
  const response = yield* received(`${server}/event`)
  const [exchange] = (yield* Registry).exchanges
  response.destroy()
  return exchange
})

const received = (url: string, agent?: Agent) =>
  Effect.callback<IncomingMessage>((resume) => {
    get(url, { agent: agent ?? false }, (response) => {
      response.on("error", () => {})
      response.once("data", () => resume(Effect.succeed(response)))
    })
  })

const found = Effect.map(Registry, ({ exchanges }) =>
  [...exchanges].flatMap(({ matches }) =>
    matches.map(({ rule, confidence }) => `${rule} ${confidence}`),
  ),
)

/** Whether it was looked, and Effect had not been told yet that a client has gone. */
const unnoticed = Effect.map(Registry, ({ exchanges }) =>
  [...exchanges].some(({ clientWatch }) => clientWatch?.unseenAt !== undefined),
)

const exchangesEnded = Effect.flatMap(Registry, ({ exchanges }) =>
  eventually(
    Effect.sync(() => exchanges.size),
    (open) => open === 0,
  ),
)

describe("a client that leaves a stream", () => {
  it.live("is seen at its socket where the platform does not tell Effect", () =>
    Effect.gen(function* () {
      const exchange = yield* visited(endless, deafServer)
      yield* eventually(found, ([only]) => only === "disconnect-unseen certain")
      strictEqual(exchange?.leaveSeenAt, undefined)
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )

  it.live("ends its exchange, and nothing is found, where Effect is told", () =>
    Effect.gen(function* () {
      const exchange = yield* visited(endless)
      yield* exchangesEnded
      deepStrictEqual(
        [
          exchange?.endedBy,
          exchange?.clientLeftAt !== undefined,
          exchange?.leaveSeenAt !== undefined,
        ],
        ["client", true, true],
      )
      deepStrictEqual((yield* Recording).findings, [])
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )

  it.live("was not unseen where the teardown takes longer than the grace period", () =>
    Effect.gen(function* () {
      const slow = Effect.sync(() =>
        eventStream(
          Stream.concat(Stream.make(1), Stream.never).pipe(
            Stream.ensuring(Effect.sleep("400 millis")),
          ),
        ),
      )
      const exchange = yield* visited(slow)
      yield* exchangesEnded
      deepStrictEqual(
        [exchange?.leaveSeenAt !== undefined, exchange?.matches.map(({ rule }) => rule)],
        [true, ["deferred-teardown"]],
      )
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )

  it.live(
    "was not unseen where Effect is told a moment later, and then the teardown takes long",
    () =>
      Effect.gen(function* () {
        const leaving = new AbortController()
        const request = new Request("http://localhost/event", { signal: leaving.signal })
        const slow = Stream.ensuring(Stream.never, Effect.sleep("400 millis"))
        const fiber = yield* Effect.forkScoped(
          answer(
            Effect.sync(() => eventStream(slow)),
            "GET",
            "/event",
            request,
          ),
          { startImmediately: true },
        )
        leaving.abort()
        yield* eventually(unnoticed, (seen) => seen)
        fiber.interruptUnsafe(undefined, ClientAbort.annotation)
        yield* Fiber.await(fiber)
        deepStrictEqual(
          (yield* Recording).findings.filter(({ rule }) => rule === "disconnect-unseen"),
          [],
        )
      }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )

  it.live("is seen at the signal of a web request", () =>
    Effect.gen(function* () {
      const leaving = new AbortController()
      const request = new Request("http://localhost/event", { signal: leaving.signal })
      yield* Effect.forkScoped(
        answer(
          Effect.sync(() => eventStream(Stream.never)),
          "GET",
          "/event",
          request,
        ),
        { startImmediately: true },
      )
      leaving.abort()
      yield* eventually(found, ([only]) => only === "disconnect-unseen certain")
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )
})

describe("an exchange that has ended", () => {
  it.live("leaves no listener on a connection that goes on, nor on its request", () =>
    Effect.gen(function* () {
      const sockets = new Set<Socket>()
      const counts: Array<number> = []
      const handler = Effect.gen(function* () {
        const { source } = yield* HttpServerRequest.HttpServerRequest
        const socket = Reflect.get(source, "socket")
        sockets.add(socket)
        counts.push(socket.listenerCount("close") + socket.listenerCount("aborted"))
        return eventStream(Stream.make(1))
      })
      const server = yield* serving(HttpRouter.add("GET", "/event", handler))
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let request = 0; request < 5; request++) {
        const response = yield* received(`${server}/event`, agent)
        yield* Effect.promise(() => response.resume().toArray())
      }
      agent.destroy()
      deepStrictEqual([sockets.size, new Set(counts).size], [1, 1])
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )
})
