import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Layer } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"
import { Api } from "./api.ts"
import { layerUsersHandlers } from "./users.ts"

const routes = Layer.mergeAll(
  HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
    Layer.provide(layerUsersHandlers),
  ),
  HttpApiScalar.layer(Api, { path: "/docs" }),
)

const port = Number(process.env.PORT ?? 4111)

const server = HttpRouter.serve(routes).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })),
)

// The one line that was added.
const observed = server.pipe(Layer.provide(layerTelemetryFromEnvironment({ serviceName: "users" })))

NodeRuntime.runMain(Layer.launch(observed))
