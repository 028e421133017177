import { createServer, type Socket } from "node:net"
import { Effect } from "effect"

/** Accepts connections on a free port, and drops them all with the scope. Gives the port. */
export const tcpServer = (accept: (socket: Socket) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        accept(socket.on("error", () => {}))
      })
      server.listen(0, "127.0.0.1", () => {
        const bound = server.address()
        if (bound === null || typeof bound === "string") throw new Error("not bound to a port")
        const close = () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        }
        resume(Effect.succeed({ port: bound.port, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  ).pipe(Effect.map(({ port }) => port))
