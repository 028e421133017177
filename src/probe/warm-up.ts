import { createServer, type Server } from "node:http"
import * as Effect from "effect/Effect"
import { whyRefused } from "../access/access-rules.ts"
import { EventStream } from "./event-stream.ts"
import { plainRequest } from "./traced-client.ts"

const rounds = 3

const host = "127.0.0.1"

/**
 * A client that has just been loaded takes tens of milliseconds longer for its first streams than for any
 * other, and all of that would be measured as the server's. So its first streams come from a server of our own:
 * the measured server gets no more requests than the user asked for.
 */
export const warmUp: Effect.Effect<void> = Effect.scoped(
  Effect.gen(function* () {
    const url = yield* Effect.acquireRelease(listen, close).pipe(Effect.map(addressOf))
    if (url === undefined) return
    for (let round = 0; round < rounds; round++) {
      const stream = yield* EventStream.open({ url, ...plainRequest })
      yield* stream.until(() => false)
    }
  }),
).pipe(Effect.timeoutOption("1 second"), Effect.asVoid)

const listen: Effect.Effect<Server> = Effect.callback((resume) => {
  const server = createServer(({ headers }, response) => {
    const reason = whyRefused(headers, { host })
    if (reason !== undefined) return response.writeHead(403).end(reason)
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.end('data: {"type":"server.connected"}\n\n')
  })
  server.on("error", () => resume(Effect.succeed(server)))
  server.listen(0, host, () => resume(Effect.succeed(server)))
})

const close = (server: Server): Effect.Effect<void> =>
  Effect.sync(() => {
    server.close()
    server.closeAllConnections()
  })

const addressOf = (server: Server): string | undefined => {
  const bound = server.address()
  return typeof bound === "object" && bound !== null ? `http://${host}:${bound.port}` : undefined
}
