import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { asking } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle } from "../stage.ts"

/** A client gives up before the model has answered, which goes on for nobody, or stops. */
const complete = Effect.fnUntraced(function* (
  start: (request: Effect.Effect<unknown>) => Effect.Effect<unknown, never, Scope.Scope>,
) {
  let computing = 0
  const upstream = Effect.fn("upstream")(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++computing),
      () => Effect.sync(() => --computing),
    )
    yield* Effect.sleep("3 seconds")
    return "answer"
  }, Effect.scoped)
  const completion = Effect.fn("completion")(function* () {
    const answer = yield* Deferred.make<string>()
    yield* start(Deferred.into(upstream(), answer))
    return HttpServerResponse.text(yield* Deferred.await(answer))
  })
  const url = yield* serve(HttpRouter.add("POST", "/claude-code-proxy-114", completion()))
  const client = yield* asking(`${url}/claude-code-proxy-114`, "POST")
  yield* becomes(() => computing > 0)
  yield* client.leave
  yield* settle
  const right = computing === 0
  yield* settle
  return right
})

export const pair: Pair = {
  report: "1rgs/claude-code-proxy#114",
  rule: "orphan-fiber",
  place: "completion",
  broken: complete((request) => Effect.forkDetach(request)),
  fixed: complete((request) => Effect.forkScoped(request)),
}
