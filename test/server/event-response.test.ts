import { once } from "node:events"
import { createServer, ServerResponse } from "node:http"
import { connect } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { EventResponse } from "../../src/server/event-response.ts"

type ResponseClass = typeof EventResponse | typeof ServerResponse

/** A server whose responses are written by `write`, on a free port. */
const serving = (ofClass: ResponseClass, write: (response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const server = createServer({ ServerResponse: ofClass }, (_, response) => {
        response.sendDate = false
        write(response)
      })
      await once(server.listen(0, "127.0.0.1"), "listening")
      return server
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      }),
  )

/** All bytes that a client gets, until the server ends the connection. */
const answer = (ofClass: ResponseClass, write: (response: ServerResponse) => void, http = "1.1") =>
  Effect.gen(function* () {
    const server = yield* serving(ofClass, write)
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return yield* Effect.promise(async () => {
      const socket = connect(port, "127.0.0.1")
      socket.write(`GET / HTTP/${http}\r\nhost: x\r\nconnection: close\r\n\r\n`)
      return (await socket.toArray()).join("")
    })
  }).pipe(Effect.scoped)

const turn = () => new Promise((resolve) => setImmediate(resolve))

const frame = Buffer.from("data: {}\n\n")

/** The same bytes in several turns, others among them, and some in one turn. */
const writeFrames = async (response: ServerResponse) => {
  response.writeHead(200)
  for (const bytes of [frame, frame, Buffer.from("data: é\n\n"), frame, Buffer.alloc(0)]) {
    response.write(bytes)
    await turn()
  }
  response.write("as text")
  response.write(frame)
  response.write(frame)
  response.end("the end")
}

describe("the response of the event server", () => {
  for (const http of ["1.1", "1.0"]) {
    it.live(`sends the bytes that Node sends over HTTP/${http}`, () =>
      Effect.gen(function* () {
        const sent = yield* answer(EventResponse, writeFrames, http)
        expect(sent).toBe(yield* answer(ServerResponse, writeFrames, http))
        expect(sent).toContain(http === "1.1" ? "\r\na\r\ndata: {}\n\n\r\n" : "data: {}\n\ndata")
      }),
    )
  }

  it.live("says when the client takes no more, and when it does again", () =>
    Effect.gen(function* () {
      const large = Buffer.alloc(8 * 1024 * 1024, "x")
      const told: Array<string | boolean> = []
      const sent = yield* answer(EventResponse, async (response) => {
        response.writeHead(200)
        response.write(frame)
        await turn()
        told.push(response.write(large))
        await once(response, "drain")
        told.push("drain")
        response.end()
      })
      expect(told).toEqual([false, "drain"])
      expect(sent.length).toBeGreaterThan(large.length)
    }),
  )

  it.live("tells who asks that the bytes were handed on", () =>
    Effect.gen(function* () {
      let handedOn = 0
      const tell = () => {
        handedOn++
      }
      yield* answer(EventResponse, async (response) => {
        response.writeHead(200)
        for (let round = 0; round < 2; round++) {
          response.write(frame)
          await turn()
          response.write(frame, tell)
          await turn()
        }
        response.end()
      })
      expect(handedOn).toBe(2)
    }),
  )

  it.live("throws nothing when its client has gone", () =>
    Effect.gen(function* () {
      const told: Array<boolean> = []
      yield* answer(EventResponse, async (response) => {
        response.on("error", () => {})
        response.writeHead(200)
        response.write(frame)
        await turn()
        response.destroy()
        told.push(response.write(frame))
      })
      expect(told).toEqual([false])
    }),
  )
})
