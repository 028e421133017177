import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

const openLog = Effect.fn("openLog")(function* () {
  yield* Effect.acquireRelease(Effect.succeed("log"), () => Effect.void)
})

const encode = (event: number) =>
  event < 2 ? Effect.succeed(`${event}`) : Effect.fail(new Error("no such event"))

/** What the handler needs is closed with it, and the body fails of itself. */
const watch = Effect.fnUntraced(function* (send: (event: number) => Effect.Effect<string, Error>) {
  const events = Effect.fn("events")(function* () {
    yield* Effect.scoped(openLog())
    return sse(Stream.mapEffect(Stream.make(1, 2, 3), send))
  })
  const url = yield* serve(HttpRouter.add("GET", "/failure-of-its-own", events()))
  const client = yield* connected(`${url}/failure-of-its-own`)
  const right = yield* client.until((it) => it.events.length === 3)
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "server-ended-stream",
  place: "events",
  alone: true,
  broken: watch(encode),
  fixed: watch((event) => Effect.orElseSucceed(encode(event), () => "unknown")),
}
