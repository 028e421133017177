import { createServer as createHttpServer, type RequestListener } from "node:http"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { Effect } from "effect"

/** Listens on a free port of this machine until the scope closes; gives the address. */
const listening = (make: () => Server) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly server: Server; readonly sockets: Set<Socket> }>((resume) => {
      const server = make()
      const sockets = new Set<Socket>()
      server.on("connection", (socket: Socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket)).on("error", () => {})
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, sockets })))
    }),
    ({ server, sockets }) =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }),
  ).pipe(
    Effect.map(({ server }) => {
      const bound: AddressInfo | string | null = server.address()
      if (bound === null || typeof bound === "string") throw new Error("not bound to a port")
      return `http://127.0.0.1:${bound.port}`
    }),
  )

const answering = (listener: RequestListener) => listening(() => createHttpServer(listener))

/** Answers when it has all of a request. */
const answeringWhole = (
  status: number,
  body = "",
  headers: Readonly<Record<string, string>> = {},
) =>
  answering((request, response) => {
    request.resume().on("end", () => response.writeHead(status, headers).end(body))
  })

const onConnection = (use: (socket: Socket) => void) => listening(() => createServer(use))

const piece = "x".repeat(64 * 1024)

/** No server that asks for any port is given this one, as those are that run at the same time. */
const refusing = Effect.succeed("http://127.0.0.1:2")

/** Collectors that take no span; each gives its address. */
export const takingNone = {
  "refuses connections": refusing,
  "accepts and never answers": onConnection((socket) => socket.resume()),
  "accepts and never reads": onConnection((socket) => socket.pause()),
  "closes each connection": onConnection((socket) => socket.end()),
  "resets each connection": onConnection((socket) => socket.resetAndDestroy()),
  "resets in the middle of a request": onConnection((socket) => {
    socket.once("data", () => socket.resetAndDestroy())
  }),
  "speaks another protocol": onConnection((socket) => {
    socket.resume().end("SSH-2.0-OpenSSH_9.6\r\n")
  }),
  "sends a head and never the body": answering((_, response) => {
    response.writeHead(200, { "content-length": "100" }).flushHeaders()
  }),
  "answers a byte a second": onConnection((socket) => {
    const answer = [..."HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"]
    const drip = setInterval(() => socket.write(answer.shift() ?? ""), 1_000)
    socket.resume().once("close", () => clearInterval(drip))
  }),
  "redirects to itself": answeringWhole(307, "", { location: "/v1/traces" }),
  "answers 400": answeringWhole(400, "bad data"),
  "answers 401": answeringWhole(401),
  "answers 404": answeringWhole(404, "<h1>Not Found</h1>"),
  "answers 413": answeringWhole(413),
  "answers 500": answeringWhole(500, "boom"),
  "answers 503": answeringWhole(503),
  "answers 429 for an hour": answeringWhole(429, "", { "retry-after": "3600" }),
  "rejects more spans than it was sent": answeringWhole(
    200,
    JSON.stringify({ partialSuccess: { rejectedSpans: "1000000", errorMessage: "full" } }),
  ),
} as const

/** Collectors that take every span, and answer 200 with something else than OTLP says. */
export const answeringOddly = {
  "sends a body that never ends": answering((_, response) => {
    const send = () => {
      while (response.write(piece));
    }
    response.on("drain", send).writeHead(200)
    send()
  }),
  "answers with a web page": answeringWhole(200, "<!doctype html><h1>It works</h1>"),
  "answers with JSON of another kind": answeringWhole(200, '[{"partialSuccess": 7}, null]'),
  "answers with nothing": answeringWhole(200),
} as const
