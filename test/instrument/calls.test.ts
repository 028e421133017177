import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { McpProtocol, McpServer, Tool, Toolkit } from "effect/ai"
import { Rpc, RpcClient, RpcGroup, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket } from "effect/socket"
import { openNow } from "../../otel/index.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { serving } from "../../src/scenarios/stage.ts"
import { eventually } from "../support/eventually.ts"
import { recorded } from "./recording.ts"

class Ticker extends RpcGroup.make(
  Rpc.make("ticks", { success: Schema.Int, stream: true }),
  Rpc.make("wait", { success: Schema.Void }),
) {}

const layerTicker = Ticker.toLayer({
  ticks: () => Stream.concat(Stream.make(1), Stream.never),
  wait: () => Effect.never,
})

const overWebSocket = RpcServer.layerHttp({
  group: Ticker,
  path: "/rpc",
  protocol: "websocket",
}).pipe(Layer.provide([layerTicker, RpcSerialization.layerNdjson]))

const clientOf = (server: string) =>
  RpcClient.layerProtocolSocket().pipe(
    Layer.provide([
      RpcSerialization.layerNdjson,
      Socket.layerWebSocket(`${server.replace("http", "ws")}/rpc`).pipe(
        Layer.provide(Socket.layerWebSocketConstructorGlobal),
      ),
    ]),
  )

/** What is open, in any order, once there are so many. */
const routesOnce = (count: number) =>
  Effect.map(
    eventually(openNow, ({ exchanges }) => exchanges.length === count),
    ({ exchanges }) => exchanges.map(({ name }) => name).toSorted(),
  )

describe("a call over a connection", () => {
  it.live("is named by its method, and the connection says that it is a WebSocket", () =>
    Effect.gen(function* () {
      const server = yield* serving(overWebSocket)
      const calls = Effect.gen(function* () {
        const client = yield* RpcClient.make(Ticker)
        yield* Effect.forkScoped(Stream.runDrain(client.ticks()))
        yield* Effect.forkScoped(client.wait())
        deepStrictEqual(yield* routesOnce(3), ["RPC ticks", "RPC wait", "WebSocket /rpc"])
      })
      yield* calls.pipe(Effect.scoped, Effect.provide(clientOf(server)))
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )

  it.live("was ended by its client where that called it off, or left", () =>
    Effect.gen(function* () {
      const server = yield* serving(overWebSocket)
      const seen = new Map<string, ExchangeRecord>()
      const calls = Effect.gen(function* () {
        const client = yield* RpcClient.make(Ticker)
        const ticks = yield* Effect.forkScoped(Stream.runDrain(client.ticks()))
        yield* Effect.forkScoped(client.wait())
        yield* routesOnce(3)
        for (const exchange of (yield* Registry).exchanges) seen.set(exchange.route, exchange)
        yield* Fiber.interrupt(ticks)
        yield* routesOnce(2)
      })
      yield* calls.pipe(Effect.scoped, Effect.provide(clientOf(server)))
      yield* routesOnce(0)
      deepStrictEqual(
        ["RPC ticks", "RPC wait"].map((route) => seen.get(route)?.endedBy),
        ["client", "client"],
      )
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )

  it.live("is named by its tool where it is one of MCP", () =>
    Effect.gen(function* () {
      const toolkit = Toolkit.make(Tool.make("GetTime", { success: Schema.String }))
      const registry = yield* Registry
      const seen: Array<ExchangeRecord> = []
      const look = Effect.sync(() => {
        seen.push(...registry.exchanges)
        return "noon"
      })
      const routes = McpServer.toolkit(toolkit).pipe(
        Layer.provide(toolkit.toLayer({ GetTime: () => Effect.delay(look, "20 millis") })),
        Layer.provideMerge(
          McpServer.layerHttp({
            name: "test",
            version: "1",
            path: "/mcp",
            protocols: [McpProtocol.v2025_06_18],
          }),
        ),
      )
      const server = yield* serving(routes)
      yield* Effect.promise(() => callTool(`${server}/mcp`, "GetTime"))
      yield* routesOnce(0)
      deepStrictEqual(seen.map(({ route }) => route).toSorted(), ["MCP GetTime", "POST /mcp"])
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )
})

/** As the Streamable HTTP transport of MCP has it. */
const callTool = async (url: string, name: string): Promise<void> => {
  const post = (body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: "2.0", ...body }),
    })
  const protocolVersion = "2025-06-18"
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: "test", version: "1" } }
  const opened = await post({ id: 1, method: "initialize", params })
  await opened.text()
  const session = {
    "mcp-session-id": opened.headers.get("mcp-session-id") ?? "",
    "mcp-protocol-version": protocolVersion,
  }
  await (await post({ method: "notifications/initialized" }, session)).text()
  await (
    await post({ id: 2, method: "tools/call", params: { name, arguments: {} } }, session)
  ).text()
}
