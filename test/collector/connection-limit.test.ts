import { createServer, type Server } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { limitConnections } from "../../src/collector/connection-limit.ts"
import { eventually } from "../support/eventually.ts"

const listening = Effect.acquireRelease(
  Effect.callback<Server>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    }),
)

/** Connects so many times at once. */
const connecting = (server: Server, count: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { port } = server.address() as AddressInfo
      return Array.from({ length: count }, () => {
        const socket = connect(port, "127.0.0.1")
        return socket.on("error", () => {}).resume()
      })
    }),
    (sockets) => Effect.sync(() => sockets.forEach((socket) => void socket.destroy())),
  )

const isOpen = ({ readyState }: Socket) => readyState === "open"

describe("a server with a limit of connections", () => {
  it.live("keeps to it where many come in the same moment", () =>
    Effect.gen(function* () {
      const server = yield* listening
      yield* limitConnections(server, 4)
      let came = 0
      server.on("connection", () => {
        came += 1
      })
      const sockets = yield* connecting(server, 60)
      const left = Effect.sync(() => [came, sockets.filter(isOpen).length])
      const [, open] = yield* eventually(left, ([came, open]) => came === 60 && (open ?? 60) <= 4)
      expect(open).toBe(4)
    }),
  )

  it.live("closes those that have said nothing for longest", () =>
    Effect.gen(function* () {
      const server = yield* listening
      yield* limitConnections(server, 2)
      const [first] = yield* connecting(server, 1)
      yield* eventually(
        Effect.sync(() => first),
        (it) => it !== undefined && isOpen(it),
      )
      const others = yield* connecting(server, 2)
      yield* eventually(
        Effect.sync(() => first),
        (it) => it?.closed === true,
      )
      expect(others.map(isOpen)).toEqual([true, true])
    }),
  )
})
