import { createServer, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerError from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import { Lifetimes } from "../../otel/index.ts"
import type { AccessRules } from "../access/access-rules.ts"
import { answerFailures, internalError } from "../access/failure-answer.ts"
import { guard } from "../access/guard.ts"
import { methodsByPath } from "./api.ts"
import { Application } from "./application.ts"
import { Bus } from "./bus.ts"
import { EventResponse } from "./event-response.ts"
import { layerHeartbeat } from "./heartbeat.ts"
import { notRouted, problemResponse } from "./problem.ts"
import { layerRoutes } from "./routes.ts"
import { closeGracefully } from "./shutdown.ts"
import { layerStallLimit } from "./stall-limit.ts"
import type { VariantName } from "./variant-name.ts"

export interface ServerOptions {
  readonly variant: VariantName
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The names under which it may be asked, besides `host` and this machine's names. */
  readonly allowHosts?: ReadonlyArray<string>
  /** The origins that browsers may call from; `*` for any, none by default. */
  readonly cors?: string
  /** How many milliseconds a client may take nothing of what it was sent; 0 for ever, 1 min by default. */
  readonly stall?: number
}

/** Where a running server can be reached, as `http://127.0.0.1:4096`. */
export class ServerAddress extends Context.Service<ServerAddress, string>()(
  "scopeline/server/ServerAddress",
) {}

/**
 * An event server that is listening. Closing the Layer ends it like a signal: no new connections, every stream
 * ends cleanly, everything is released.
 */
export const layerServer = (
  options: ServerOptions,
): Layer.Layer<ServerAddress, HttpServerError.ServeError, Lifetimes> =>
  Layer.unwrap(
    Effect.sync(() => {
      const node = createServer({ ServerResponse: EventResponse })
      return Layer.merge(layerGracefulEnd(node), layerStallLimit(node, options.stall)).pipe(
        Layer.provideMerge(layerHttp(options)),
        Layer.provideMerge(layerHeartbeat),
        Layer.provide(NodeHttpServer.layer(() => node, listenOptions(options))),
        Layer.provide([Bus.layer, Application.layer]),
      )
    }),
  )

export const listenOptions = ({ host, port }: Pick<ServerOptions, "host" | "port">) => ({
  host,
  port,
  gracefulShutdownTimeout: "100 millis" as const,
})

const layerHttp = (options: ServerOptions) => {
  const origins = options.cors === undefined ? [] : originList(options.cors)
  // The first one is asked first.
  const layers = Layer.mergeAll(
    layerGuard({ ...options, origins }),
    layerCors(origins),
    layerProblems,
  )
  return HttpRouter.serve(layerRoutes(options.variant).pipe(Layer.provide(layers)), {
    disableLogger: true,
    disableListenLog: true,
    routerConfig: { caseSensitive: true, ignoreTrailingSlash: false },
  }).pipe(Layer.provide(layerSpanNames))
}

const layerSpanNames = Layer.succeed(HttpMiddleware.SpanNameGenerator, (request) => {
  const path = request.url.split(/[?#]/, 1)[0] ?? "/"
  return methodsByPath.has(path) ? `${request.method} ${path}` : request.method
})

const layerCors = (origins: ReadonlyArray<string>) =>
  origins.length === 0 ? Layer.empty : HttpRouter.cors({ allowedOrigins: origins })

const layerGuard = (rules: AccessRules) =>
  HttpRouter.middleware(
    guard(rules, (message) => problemResponse(403, { error: "forbidden", message })),
    { global: true },
  )

/** `*` in a list means any, as it does alone. */
const originList = (origins: string): ReadonlyArray<string> => {
  const list = origins.split(",").map((origin) => origin.trim())
  return list.includes("*") ? ["*"] : list
}

/** Errors of the router and of this server itself, as JSON like every other answer. */
const layerProblems = HttpRouter.middleware(
  (httpApp) =>
    httpApp.pipe(
      Effect.catch((error) =>
        HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"
          ? Effect.succeed(notRouted(error.reason, methodsByPath))
          : Effect.fail(error),
      ),
      answerFailures(() => problemResponse(500, { error: "internal", message: internalError })),
    ),
  { global: true },
)

/** Ends the server through the `Bus` when the Layer closes; gives its address. */
export const layerGracefulEnd = (node: Server) =>
  Layer.effect(
    ServerAddress,
    Effect.gen(function* () {
      const server = yield* HttpServer.HttpServer
      const bus = yield* Bus
      const lifetimes = yield* Lifetimes
      yield* Effect.addFinalizer(() => closeGracefully(node, bus, lifetimes))
      return HttpServer.formatAddress(server.address)
    }),
  )
