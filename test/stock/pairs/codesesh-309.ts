import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import { staying } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

/** Heartbeats keep a stream open when the program stops, unless the stop ends them. */
const stop = Effect.fnUntraced(function* (announced: boolean) {
  const stopping = yield* Latch.make()
  const scan = Effect.fn("scan")(function* () {
    return sse(Stream.interruptWhen(heartbeats, stopping.await))
  })
  const url = yield* serve(HttpRouter.add("GET", "/codesesh-309", scan()), { grace: "2000 millis" })
  if (announced) yield* Effect.addFinalizer(() => stopping.open)
  yield* staying(`${url}/codesesh-309`)
  yield* settle
  return true
})

export const pair: Pair = {
  report: "xingkaixin/codesesh#309",
  rule: "shutdown-held-open",
  place: "scan",
  alone: true,
  broken: stop(false),
  fixed: stop(true),
}
