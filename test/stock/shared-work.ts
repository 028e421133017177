/** What one request begins to work out, and all wait for. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import { serve } from "./serving.ts"
import { becomes, settle, sse } from "./stage.ts"

type Work = Fiber.Fiber<string>

type Start = (
  work: Effect.Effect<string>,
  program: Scope.Scope,
) => Effect.Effect<Work, never, Scope.Scope>

/** Two clients wait for the result, and the first leaves before it is there; gives whether the second got it. */
export const watchWork = Effect.fnUntraced(function* (path: `/${string}`, start: Start) {
  const program = yield* Effect.scope
  let hasLeft = false
  let work: Work | undefined
  const workOut = Effect.fn("workOut")(function* () {
    yield* becomes(() => hasLeft)
    yield* Effect.sleep("250 millis")
    return "result"
  })
  const results = Effect.fn("results")(function* () {
    work ??= yield* start(workOut(), program)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromEffect(Fiber.join(work))))
  })
  const url = yield* serve(HttpRouter.add("GET", path, results()))
  const first = yield* connected(url + path)
  const second = yield* connected(url + path)
  yield* first.leave
  hasLeft = true
  const right = yield* second.until(({ events }) => events.includes("result"))
  yield* second.leave
  yield* settle
  return right
})
