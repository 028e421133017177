import { Effect } from "effect"
import { tcpServer } from "./tcp-server.ts"

/** Listens on TCP, accepts whoever comes, and never says a word. Gives its address. */
export const silentServer = Effect.map(
  tcpServer((socket) => socket.resume()),
  (port) => `http://127.0.0.1:${port}`,
)

/** An address whose port was just given back: it refuses connections. */
export const refusingAddress = Effect.scoped(silentServer)
