import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { layerTelemetry } from "../../otel/index.ts"
import { telemetryCutOff } from "../../otel/lifetimes/rules/telemetry-cut-off.ts"
import { isolatedSettings } from "../probe/isolated.ts"
import type { Scenario } from "./scenario.ts"
import { Collector, connected, gracePassed, serving, sse } from "./stage.ts"

/** A function that brings its own telemetry with every event that it handles. */
const handleEvent = (collector: string) =>
  Effect.gen(function* () {
    const telemetry = yield* Layer.build(
      Layer.fresh(layerTelemetry(isolatedSettings(collector, "function"))),
    )
    const render = (page: string) => Effect.succeed(page).pipe(Effect.withSpan("render"))
    return sse(
      "pages",
      Stream.make("page 1", "page 2").pipe(
        Stream.mapEffect(render),
        Stream.provideContext(telemetry),
      ),
    )
  })

type Handler = Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** A client reads a response to its end. */
const read = Effect.fnUntraced(function* (respond: (handler: Handler) => Handler) {
  const handler = respond(handleEvent(yield* Collector))
  const server = yield* serving(HttpRouter.add("GET", "/pages", handler))
  const client = yield* connected(`${server}/pages`)
  yield* client.until(() => false)
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: telemetryCutOff,
  summary: "The scope of an event owns the exporter, and closes before the body has run.",
  repair: "The exporter belongs to the request's scope, which closes when the body has ended.",
  // A scope around the handler, closed when that returns.
  broken: read(Effect.scoped),
  // The request's own scope.
  fixed: read((handler) => handler),
}
