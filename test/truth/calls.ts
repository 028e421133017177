import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import { type Client, ClientView, restMillis } from "./clients.ts"
import type { ClientKind, Platform } from "./plan.ts"

export type RpcPlatform = Extract<Platform, "rpc" | "socket">

/** What the routes of a program are where it is called over RPC. */
export class Calls extends RpcGroup.make(
  Rpc.make("events", {
    payload: { client: Schema.Int },
    success: Schema.String,
    error: Schema.String,
    stream: true,
  }),
  Rpc.make("answer"),
  Rpc.make("logOut"),
) {}

/** A client with a connection of its own, that runs apart from the program. */
export const overRpc =
  (address: string, platform: RpcPlatform) =>
  (path: string, kind: ClientKind): Client => {
    const view = new ClientView()
    const rest = kind === "slow" ? Effect.sleep(restMillis) : Effect.void
    const calling = Effect.gen(function* () {
      const calls = yield* RpcClient.make(Calls)
      if (path === "/answer") return yield* calls.answer()
      if (path === "/logout") return yield* calls.logOut()
      const client = Number(new URL(path, address).searchParams.get("client"))
      return yield* Stream.runForEach(calls.events({ client }), (frame) => {
        view.answered(200, undefined)
        view.read(frame)
        return rest
      })
    })
    const running = Effect.runFork(
      Effect.scoped(Effect.provide(calling, protocolOf(address, platform))),
    )
    running.addObserver(({ _tag }) => {
      if (_tag === "Success") view.answered(200, undefined)
      view.ended(_tag === "Success" ? "end" : "reset")
    })
    return {
      view,
      kind,
      leave: () => {
        view.ended("left")
        Effect.runFork(Fiber.interrupt(running))
      },
    }
  }

const protocolOf = (address: string, platform: RpcPlatform) =>
  platform === "rpc"
    ? Layer.provide(RpcClient.layerProtocolHttp({ url: `${address}/rpc` }), [
        RpcSerialization.layerNdjson,
        FetchHttpClient.layer,
      ])
    : Layer.provide(RpcClient.layerProtocolSocket(), [
        RpcSerialization.layerNdjson,
        Layer.provide(
          Socket.layerWebSocket(`${address.replace("http", "ws")}/rpc`),
          Socket.layerWebSocketConstructorGlobal,
        ),
      ])
