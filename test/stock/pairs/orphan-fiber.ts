import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

/** A request is answered at once, and its work goes on; the program stops before that is done. */
const order = Effect.fnUntraced(function* (
  starter: Effect.Effect<(work: Effect.Effect<void>) => Effect.Effect<unknown>, never, Scope.Scope>,
) {
  let stopped = false
  const report = Effect.fn("report")(function* () {
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        stopped = true
      }),
    )
    yield* Effect.sleep("30 seconds")
  }, Effect.scoped)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const start = yield* starter
      const handler = Effect.fn("order")(function* () {
        yield* start(report())
        return HttpServerResponse.empty({ status: 202 })
      })
      const url = yield* serve(HttpRouter.add("POST", "/orphan-fiber", handler()))
      yield* ask(`${url}/orphan-fiber`, "POST")
      yield* settle
    }),
  )
  return stopped
})

export const pair: Pair = {
  report: "Effect-TS/effect#6181",
  rule: "orphan-fiber",
  place: "order",
  broken: order(Effect.succeed((work: Effect.Effect<void>) => Effect.forkDetach(work))),
  fixed: order(
    Effect.map(
      FiberSet.make(),
      (tasks) => (work: Effect.Effect<void>) => FiberSet.run(tasks, work),
    ),
  ),
}
