import { createServer, type Socket } from "node:net"
import { Effect } from "effect"

/** Listens on TCP, accepts whoever comes, and never says a word. Gives its address. */
export const silentServer = Effect.acquireRelease(
  Effect.callback<{ readonly address: string; readonly close: () => void }>((resume) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => undefined).resume()
    })
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address()
      if (bound === null || typeof bound === "string") throw new Error("not bound to a port")
      const close = () => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }
      resume(Effect.succeed({ address: `http://127.0.0.1:${bound.port}`, close }))
    })
  }),
  ({ close }) => Effect.sync(close),
).pipe(Effect.map(({ address }) => address))

/** An address whose port was just given back: it refuses connections. */
export const refusingAddress = Effect.scoped(silentServer)
