import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, Layer, type Scope } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { layerTelemetry, type TelemetrySettings } from "../../otel/index.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { aware } from "../bun/releases.ts"
import { programOf } from "../released/release.ts"
import { runningProgram } from "../support/process.ts"
import { routes } from "./routes.ts"

/** Answers a request for a path. */
export type Ask = (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>

/** The program somewhere, with the Layer around it and no other change, until the scope closes. */
export type Place = Effect.Effect<Ask, Error, Receiver | Scope.Scope>

const settings = Effect.map(Receiver, ({ url }) => isolatedSettings(url, "ticks"))

/** `HttpRouter.serve`, which keeps the context that it is built in. */
export const onNodeWith = Effect.fnUntraced(function* (telemetry: TelemetrySettings) {
  const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  )
  const context = yield* Effect.orDie(buildAlone(Layer.provide(server, layerTelemetry(telemetry))))
  const address = HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address)
  const ask: Ask = (path, headers = {}) => fetch(address + path, { headers })
  return ask
})

export const onNode: Place = Effect.flatMap(settings, onNodeWith)

/** `HttpRouter.toWebHandler`, whose fibers have the context that its Layer gives. */
export const asWebHandler: Place = Effect.gen(function* () {
  const app = Layer.provideMerge(routes, layerTelemetry(yield* settings))
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpRouter.toWebHandler(app, { disableLogger: true })),
    ({ dispose }) => Effect.promise(dispose),
  )
  return (path) => handler(new Request(`http://localhost${path}`))
})

const onBun = (file: string): Place =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const server = yield* runningProgram(programOf(aware), [`test/automatic/${file}`], {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      // Leaves nothing in the home of whoever runs the tests.
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
    })
    const port = yield* server.written(/http:\/\/\S+:(\d+)/)
    return (path) => fetch(`http://127.0.0.1:${port}${path}`)
  })

/** The Node server of Effect on Bun. */
export const servedOnBun = onBun("serve.ts")

/** Bun's own server around a web handler. */
export const asWebHandlerOnBun = onBun("web-handler.ts")
