import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { pipeline } from "node:stream/promises"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

export interface ServeOptions {
  /** How long a server that stops waits for its streams. */
  readonly grace?: `${number} millis`
  /** Nobody is told that a client has left. */
  readonly deaf?: boolean
}

/** Routes whose handlers need what every server gives. */
export type Routes = Layer.Layer<
  never,
  unknown,
  | HttpRouter.HttpRouter
  | HttpRouter.Request<"Requires", Scope.Scope>
  | HttpRouter.Request<"Requires", HttpServerRequest>
  | HttpRouter.Request<"Error", unknown>
>

/** Serves routes on a free port as long as the current scope is open; gives the address. */
export class Serving extends Context.Service<
  Serving,
  (routes: Routes, options?: ServeOptions) => Effect.Effect<string, unknown, Scope.Scope>
>()("stock/Serving") {}

export const serve = (routes: Routes, options?: ServeOptions) =>
  Effect.flatMap(Serving, (serving) => serving(routes, options))

const quiet = { disableLogger: true, disableListenLog: true }

/** What `node:http` of Bun 1.3.14 does: the response never says that its connection has closed. */
const deafServer = (): Server =>
  createServer().prependListener("request", (_, response) => {
    const { emit } = response
    response.emit = (event: string, ...args: ReadonlyArray<unknown>) =>
      event === "close" ? false : Reflect.apply(emit, response, [event, ...args])
  })

/** Effect's own server. */
export const onNode = Serving.of((routes, { grace = "100 millis", deaf = false } = {}) =>
  HttpRouter.serve(routes, quiet).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(deaf ? deafServer : createServer, {
        host: "127.0.0.1",
        port: 0,
        gracefulShutdownTimeout: grace,
      }),
    ),
    Layer.build,
    Effect.map((context) =>
      HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address),
    ),
  ),
)

type Handler = (request: Request) => Promise<Response>

const answer = async (
  handler: Handler,
  deaf: boolean,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const left = new AbortController()
  if (!deaf) response.once("close", () => response.writableFinished || left.abort())
  const { method = "GET", url = "/" } = request
  const body = method === "POST" ? await text(request) : undefined
  const asked = new Request(`http://localhost${url}`, {
    method,
    signal: left.signal,
    ...(body === undefined ? {} : { body }),
  })
  await send(await handler(asked), deaf, response)
}

const send = async (
  { status, headers, body }: Response,
  deaf: boolean,
  response: ServerResponse,
) => {
  response.writeHead(status, Object.fromEntries(headers))
  if (body === null) return response.end()
  if (!deaf) return pipeline(body, response)
  for await (const piece of body) response.write(piece)
}

const listening = (server: Server) =>
  Effect.callback<string>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      resume(Effect.succeed(`http://127.0.0.1:${port}`))
    })
  })

/** A web handler behind a plain server of Node.js; `around` is what its runtime is to have. */
export const asWebHandler = (around: Context.Context<never>) =>
  Serving.of((routes, { grace = "100 millis", deaf = false } = {}) =>
    Effect.gen(function* () {
      const app = HttpRouter.toWebHandler(
        Layer.provideMerge(routes, Layer.succeedContext(around)),
        {
          disableLogger: true,
        },
      )
      const server = createServer((request, response) => {
        answer(app.handler, deaf, request, response).catch(() => response.destroy())
      })
      yield* Effect.addFinalizer(() => stopped(server, app.dispose, Number.parseInt(grace, 10)))
      return yield* listening(server)
    }),
  )

const stopped = (server: Server, dispose: () => Promise<void>, graceMillis: number) =>
  Effect.promise(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    const late = setTimeout(() => server.closeAllConnections(), graceMillis)
    server.closeIdleConnections()
    await closed
    clearTimeout(late)
    await dispose()
  })
