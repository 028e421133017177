import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, sse } from "../stage.ts"

type Work = Fiber.Fiber<string>

type Start = (
  work: Effect.Effect<string>,
  program: Scope.Scope,
) => Effect.Effect<Work, never, Scope.Scope>

/** The same where a FiberMap keeps that fiber: of the first request, or of the program. */
const watch = Effect.fnUntraced(function* (start: Start) {
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
  const url = yield* serve(HttpRouter.add("GET", "/map-of-the-first", results()))
  const first = yield* connected(`${url}/map-of-the-first`)
  const second = yield* connected(`${url}/map-of-the-first`)
  yield* first.leave
  hasLeft = true
  const right = yield* second.until(({ events }) => events.includes("result"))
  yield* second.leave
  yield* settle
  return right
})

const inMap = Effect.fnUntraced(function* (work: Effect.Effect<string>) {
  const works = yield* FiberMap.make<string, string>()
  return yield* FiberMap.run(works, "result", work)
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(inMap),
  fixed: watch((work, program) => Scope.provide(inMap(work), program)),
}
