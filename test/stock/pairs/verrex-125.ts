import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

interface Pool {
  open: boolean
}

const Pool = Context.Service<Pool>("stock/Pool")

const layerPool = Layer.effect(
  Pool,
  Effect.acquireRelease(
    Effect.sync((): Pool => ({ open: true })),
    (pool) =>
      Effect.sync(() => {
        pool.open = false
      }),
  ),
)

const query = (pool: Pool) =>
  Effect.suspend(() =>
    pool.open ? Effect.succeed("row") : Effect.fail(new Error("the pool is closed")),
  )

const list = Effect.fn("list")(function* () {
  const pool = yield* Pool
  return sse(Stream.take(Stream.fromEffectRepeat(query(pool)), 3))
})

/** A Layer with a resource is provided to what makes the response: its body queries the pool. */
const page = Effect.fnUntraced(function* (
  provide: (
    handler: Effect.Effect<HttpServerResponse, never, Pool>,
  ) => Effect.Effect<HttpServerResponse, never, Scope.Scope>,
) {
  const url = yield* serve(HttpRouter.add("GET", "/verrex-125", provide(list())))
  const answers = [yield* ask(`${url}/verrex-125`), yield* ask(`${url}/verrex-125`)]
  yield* settle
  return answers.every(({ events }) => events.length === 3)
})

export const pair: Pair = {
  report: "m9tdev/verrex#125",
  rule: "scope-closed-early",
  alone: true,
  broken: page((handler) => Effect.provide(handler, layerPool)),
  // Built in the request's scope.
  fixed: page((handler) =>
    Effect.flatMap(Layer.build(layerPool), (context) => Effect.provideContext(handler, context)),
  ),
}
