import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { asking } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle } from "../stage.ts"

type Start = (
  computing: Effect.Effect<unknown>,
  program: Scope.Scope,
) => Effect.Effect<unknown, never, Scope.Scope>

/** Requests wait for one answer that the first of them computes, and that one gives up. */
const coalesce = Effect.fnUntraced(function* (start: Start) {
  const program = yield* Effect.scope
  let asked = 0
  let hasLeft = false
  let pending: Deferred.Deferred<string> | undefined
  const compute = Effect.fn("compute")(function* () {
    yield* becomes(() => hasLeft)
    yield* Effect.sleep("250 millis")
    return "report"
  })
  const report = Effect.fn("report")(function* () {
    asked++
    if (pending === undefined) {
      const mine = yield* Deferred.make<string>()
      pending = mine
      const forget = Effect.sync(() => {
        pending = undefined
      })
      yield* start(Effect.ensuring(Deferred.into(compute(), mine), forget), program)
      return HttpServerResponse.text(yield* Deferred.await(mine))
    }
    return HttpServerResponse.text(yield* Deferred.await(pending))
  })
  const url = yield* serve(HttpRouter.add("GET", "/undici-5711", report()))
  const first = yield* asking(`${url}/undici-5711`)
  yield* becomes(() => asked === 1)
  const others = [yield* asking(`${url}/undici-5711`), yield* asking(`${url}/undici-5711`)]
  yield* becomes(() => asked === 3)
  yield* first.leave
  hasLeft = true
  const answered = yield* Effect.forEach(others, (other) =>
    other.until(({ text }) => text === "report"),
  )
  yield* settle
  return answered.every((right) => right)
})

export const pair: Pair = {
  report: "nodejs/undici#5711",
  rule: "upstream-bound-to-first-consumer",
  broken: coalesce((computing) => computing),
  fixed: coalesce((computing, program) => Effect.forkIn(computing, program)),
}
