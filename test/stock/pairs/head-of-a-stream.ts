import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** A monitor asks for the head of an event stream. */
const monitor = Effect.fnUntraced(function* (
  finish: (response: HttpServerResponse) => HttpServerResponse,
) {
  const bus = yield* PubSub.sliding<string>(64)
  let open = 0
  const events = Effect.fn("events")(function* () {
    open++
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        open--
      }),
    )
    return finish(sse(Stream.fromSubscription(yield* PubSub.subscribe(bus))))
  })
  const url = yield* serve(HttpRouter.add("GET", "/head-of-a-stream", events()))
  yield* ask(`${url}/head-of-a-stream`, "HEAD")
  yield* settle
  return open === 0
})

export const pair: Pair = {
  report: "Effect-TS/effect#7678",
  rule: "request-scope-leak",
  broken: monitor(HttpEffect.scopeTransferToStream),
  fixed: monitor((response) => response),
}
