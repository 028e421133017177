import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

type Start = (work: Effect.Effect<void>) => void

/** A handler hands its work to a callback of a library without Effect. The callback runs outside of every fiber. */
const order = Effect.fnUntraced(function* (
  starter: Effect.Effect<Effect.Effect<Start>, never, Scope.Scope>,
) {
  let stopped = false
  const work = Effect.onInterrupt(Effect.never, () =>
    Effect.sync(() => {
      stopped = true
    }),
  )
  yield* Effect.scoped(
    Effect.gen(function* () {
      const starting = yield* starter
      const handler = Effect.fn("order")(function* () {
        const start = yield* starting
        yield* Effect.callback<void>((resume) => {
          setImmediate(() => {
            start(work)
            resume(Effect.void)
          })
        })
        return HttpServerResponse.empty({ status: 202 })
      })
      const url = yield* serve(HttpRouter.add("POST", "/started-in-a-callback", handler()))
      yield* ask(`${url}/started-in-a-callback`, "POST")
      yield* settle
    }),
  )
  return stopped
})

export const pair: Pair = {
  rule: "orphan-fiber",
  broken: order(
    Effect.succeed(
      Effect.map(Effect.context<never>(), (context) => (work: Effect.Effect<void>) => {
        Effect.runForkWith(context)(work)
      }),
    ),
  ),
  fixed: order(
    Effect.map(FiberSet.make<void>(), (tasks) =>
      Effect.map(FiberSet.runtime(tasks)<never>(), (run) => (work: Effect.Effect<void>) => {
        run(work)
      }),
    ),
  ),
}
