import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Work = Fiber.Fiber<string>

/** The body waits for what a fiber works out that its handler has started. */
const report = Effect.fnUntraced(function* (
  within: (
    starting: Effect.Effect<Work, never, Scope.Scope>,
  ) => Effect.Effect<Work, never, Scope.Scope>,
) {
  const workOut = Effect.fn("workOut")(function* () {
    yield* Effect.sleep("150 millis")
    return "result"
  })
  const results = Effect.fn("results")(function* () {
    const work = yield* within(Effect.forkScoped(workOut()))
    return sse(Stream.fromEffect(Fiber.join(work)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/joined-after-its-scope", results()))
  const { events } = yield* ask(`${url}/joined-after-its-scope`)
  yield* settle
  return events.length === 1
})

export const pair: Pair = {
  rule: "scope-closed-early",
  broken: report((starting) => Effect.scoped(starting)),
  fixed: report((starting) => starting),
}
