import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

type Loading = Fiber.Fiber<string>

/** Requests wait for what a fiber loads that the start has begun. */
const settings = Effect.fnUntraced(function* (
  within: (
    starting: Effect.Effect<Loading, never, Scope.Scope>,
  ) => Effect.Effect<Loading, never, Scope.Scope>,
) {
  const load = Effect.fn("load")(function* () {
    yield* Effect.sleep("100 millis")
    return "settings"
  })
  const start = Effect.fn("start")(function* () {
    return yield* Effect.forkScoped(load(), { startImmediately: true })
  })
  const loading = yield* within(start())
  const answer = Effect.fn("answer")(function* () {
    return HttpServerResponse.text(yield* Fiber.join(loading))
  })
  const url = yield* serve(HttpRouter.add("GET", "/joined-after-the-start", answer()))
  const { text } = yield* ask(`${url}/joined-after-the-start`)
  yield* settle
  return text === "settings"
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "start",
  alone: true,
  broken: settings((starting) => Effect.scoped(starting)),
  fixed: settings((starting) => starting),
}
