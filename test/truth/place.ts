import { Agent, createServer, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Scope from "effect/Scope"
import { Calls, overRpc, type RpcPlatform } from "./calls.ts"
import { type Client, overFetch, overHttp } from "./clients.ts"
import { answerOf, callOf, handlerOf } from "./handler.ts"
import type { ClientKind } from "./plan.ts"
import type { World } from "./world.ts"

/** Where clients go. */
export type Place = (path: string, kind: ClientKind) => Client

/** Serves the program's routes as long as the current scope is open. */
export const open = (world: World) =>
  world.plan.platform === "web" ? openFunction(world) : openServer(world)

const openServer = Effect.fnUntraced(function* (world: World) {
  const { stop, hears, platform } = world.plan
  let made: Server | undefined
  const make = () => {
    made = hears ? createServer() : deafServer()
    return made
  }
  world.progress.afterwards(Effect.sync(() => made?.closeAllConnections()))
  const server = HttpRouter.serve(routesOf(world), {
    disableLogger: true,
    disableListenLog: true,
  }).pipe(
    Layer.provideMerge(
      NodeHttpServer.layer(make, {
        host: "127.0.0.1",
        port: 0,
        gracefulShutdownTimeout: stop.waits,
      }),
    ),
  )
  const context = yield* Layer.build(server)
  const agent = world.plan.keepsAlive && new Agent({ keepAlive: true })
  if (agent !== false) world.progress.afterwards(Effect.sync(() => agent.destroy()))
  const address = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
  return platform === "rpc" || platform === "socket"
    ? overRpc(address, platform)
    : overHttp(address, agent)
})

const openFunction = Effect.fnUntraced(function* (world: World) {
  const app = yield* HttpRouter.toHttpEffect(routesOf(world))
  const context = yield* Effect.context<never>()
  const handle = HttpEffect.toWebHandlerWith<never, Scope.Scope | HttpServerRequest>(
    Context.omit(Scope.Scope)(context),
  )
  return overFetch(handle(app))
})

const routesOf = (world: World) =>
  world.plan.platform === "rpc" || world.plan.platform === "socket"
    ? callsOf(world, world.plan.platform)
    : Layer.mergeAll(
        HttpRouter.add("GET", "/event", handlerOf(world)),
        HttpRouter.add(
          "GET",
          "/answer",
          Effect.as(answerOf(world), HttpServerResponse.jsonUnsafe({ id: 1 })),
        ),
        HttpRouter.add("POST", "/logout", Effect.as(logOut(world), HttpServerResponse.empty())),
      )

const callsOf = (world: World, platform: RpcPlatform) =>
  Layer.provide(
    RpcServer.layerHttp({
      group: Calls,
      path: "/rpc",
      protocol: platform === "rpc" ? "http" : "websocket",
    }),
    [
      Calls.toLayer({
        events: ({ client }) => callOf(world, client),
        answer: () => Effect.scoped(answerOf(world)),
        logOut: () => logOut(world),
      }),
      RpcSerialization.layerNdjson,
    ],
  )

const logOut = (world: World): Effect.Effect<void> =>
  Effect.suspend(() => {
    const sessions = [...world.sessions.values()]
    world.sessions.clear()
    return Effect.forEach(sessions, (session) => Scope.close(session, Exit.void), { discard: true })
  })

/** What `node:http` of Bun 1.3.14 does: the response never says that its connection has closed. */
const deafServer = () =>
  createServer().prependListener("request", (_, response) => {
    const { emit } = response
    response.emit = (event: string, ...args: ReadonlyArray<unknown>) =>
      event === "close" ? false : Reflect.apply(emit, response, [event, ...args])
  })
