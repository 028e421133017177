import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** How often we check which connections are silent, in milliseconds. */
const interval = 1_000

interface Heard {
  readonly bytes: number
  readonly at: number
}

/**
 * Limits the connections of a server: if there are more, it closes the one that has been silent for longest, so
 * that stalled senders do not shut others out.
 */
export const limitConnections = (
  server: Server,
  most: number,
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(
    Effect.acquireRelease(
      Effect.sync(() => {
        const heard = new Map<Socket, Heard>()
        const listen = () => {
          const at = performance.now()
          for (const [socket, { bytes }] of heard) {
            if (socket.bytesRead !== bytes) heard.set(socket, { bytes: socket.bytesRead, at })
          }
        }
        server.on("connection", (socket: Socket) => {
          heard.set(socket, { bytes: 0, at: performance.now() })
          socket.once("close", () => heard.delete(socket))
          if (heard.size <= most) return
          const quiet = quietest(heard)
          if (quiet === undefined) return
          heard.delete(quiet) // it closes a moment later
          quiet.destroy()
        })
        return setInterval(listen, interval).unref()
      }),
      (timer) => Effect.sync(() => clearInterval(timer)),
    ),
  )

const quietest = (heard: ReadonlyMap<Socket, Heard>): Socket | undefined => {
  let quiet: Socket | undefined
  let since = Number.POSITIVE_INFINITY
  for (const [socket, { at }] of heard) {
    if (at >= since) continue
    quiet = socket
    since = at
  }
  return quiet
}
