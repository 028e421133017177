/** A handler that leaves a fiber behind, without a Layer around anything. */

import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, ManagedRuntime } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { address, visit } from "./ticks.ts"

const sendMail = Effect.fn("sendMail")(function* () {
  yield* Effect.sleep("2 seconds")
})

const routes = HttpRouter.add(
  "GET",
  "/mail",
  Effect.as(Effect.forkDetach(sendMail()), HttpServerResponse.text("sent")),
)

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
)

const runtime = ManagedRuntime.make(server)
console.log(await visit(`${await runtime.runPromise(address)}/mail`))
await new Promise((resolve) => setTimeout(resolve, 1_500))
await runtime.dispose()
