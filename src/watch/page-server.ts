import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { addressHere } from "../access/any-address.ts"
import { answerFailures, internalError } from "../access/failure-answer.ts"
import { guard } from "../access/guard.ts"
import { contentPolicy } from "../page/document.ts"
import { buildAlone } from "../probe/isolated.ts"
import { Application } from "../server/application.ts"
import { Bus } from "../server/bus.ts"
import { layerHeartbeat } from "../server/heartbeat.ts"
import { layerGracefulEnd, listenOptions, ServerAddress } from "../server/server.ts"
import { layerStallLimit } from "../server/stall-limit.ts"
import { watchRoutes } from "./routes.ts"
import { WatchedProgram } from "./watched-program.ts"

interface PageServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Names under which it may be asked besides those of this machine. */
  readonly allowHosts: ReadonlyArray<string>
  /** Where traces are read that are not kept here. */
  readonly jaeger: string | undefined
}

type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** A server that listens, and answers once it has something to show. */
export interface PageServer {
  /** As people open it. */
  readonly address: string
  readonly bus: Bus["Service"]
  readonly show: (
    program: WatchedProgram["Service"],
    /** Other servers that the page may ask. */
    reach?: ReadonlyArray<string>,
  ) => Effect.Effect<void, never, Scope.Scope>
}

/** Listens until the scope closes; fails with `ServeError` if it cannot. */
export const listenForPage = Effect.fnUntraced(function* (options: PageServerOptions) {
  const app = yield* Deferred.make<App>()
  const services = yield* buildAlone(layerListening(options, app))
  const listening = Context.get(services, ServerAddress)
  const port = Number(new URL(listening).port || 80)
  const server: PageServer = {
    address: addressHere(options.host, port),
    bus: Context.get(services, Bus),
    show: (program, reach = []) =>
      Effect.gen(function* () {
        const content = yield* Effect.flatMap(watchRoutes(options.jaeger), HttpRouter.toHttpEffect)
        const answering = content.pipe(
          answerFailures(() => HttpServerResponse.text(`${internalError}\n`, { status: 500 })),
          guard(options),
          Effect.map(HttpServerResponse.setHeaders(headersFor(reach))),
        )
        yield* Deferred.succeed(app, answering)
      }).pipe(Effect.provideService(WatchedProgram, program), Effect.provideContext(services)),
  }
  return server
})

/** An answer can run only the page's own script, which can reach only this server and those of `reach`. */
const headersFor = (reach: ReadonlyArray<string>) => ({
  "content-security-policy": `${contentPolicy(["'self'", ...reach])}; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
})

const layerListening = ({ host, port }: PageServerOptions, app: Deferred.Deferred<App>) =>
  Layer.unwrap(
    Effect.sync(() => {
      const node = createServer()
      const listening = NodeHttpServer.layer(() => node, listenOptions({ host, port }))
      return Layer.merge(layerGracefulEnd(node), layerStallLimit(node)).pipe(
        Layer.provide(HttpServer.serve(Effect.flatten(Deferred.await(app)))),
        Layer.merge(layerHeartbeat),
        Layer.provide(listening),
        Layer.provideMerge([Bus.layer, Application.layer]),
        Layer.provideMerge(layerLifetimes()),
      )
    }),
  )
