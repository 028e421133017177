import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

/** A group of handlers is built with a context, and gives that to each: with the server's scope in it, or not. */
const build = Effect.fnUntraced(function* (
  given: (context: Context.Context<Scope.Scope>) => Context.Context<never>,
) {
  let requests = 0
  let finalized = 0
  const context = yield* Effect.context<Scope.Scope>()
  const logFinalizer = Effect.fn("logFinalizer")(function* () {
    requests++
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        finalized++
      }),
    )
    return yield* HttpServerResponse.json({ requestNumber: requests })
  })
  const handler = Effect.provideContext(logFinalizer(), given(context))
  const url = yield* serve(HttpRouter.add("GET", "/effect-smol-2011", handler))
  for (let one = 0; one < 4; one++) yield* ask(`${url}/effect-smol-2011`)
  yield* settle
  yield* settle
  return finalized === 4
})

export const pair: Pair = {
  report: "Effect-TS/effect-smol#2011",
  rule: "scope-pile-up",
  place: "logFinalizer",
  broken: build((context) => context),
  fixed: build(Context.omit(Scope.Scope)),
}
