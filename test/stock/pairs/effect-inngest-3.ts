import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

interface Handlers {
  readonly run: Effect.Effect<HttpServerResponse.HttpServerResponse>
}

const Handlers = Context.Service<Handlers>("stock/Handlers")

/** A Layer of handlers keeps the context in which it was built, or that without its scope. */
const invoke = Effect.fnUntraced(function* (
  kept: (context: Context.Context<never>) => Context.Context<never>,
) {
  let open = 0
  const openPage = Effect.fn("openPage")(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++open),
      () => Effect.sync(() => --open),
    )
  })
  const step = Effect.as(openPage(), HttpServerResponse.text("done"))
  const handlers = Layer.effect(
    Handlers,
    Effect.map(Effect.context<Scope.Scope>(), (context) => ({
      run: step.pipe(
        Effect.provideContext(kept(context)),
        // What is not kept comes from the request.
        Effect.scoped,
      ),
    })),
  )
  const routes = HttpRouter.use((router) =>
    Effect.flatMap(Handlers, ({ run }) => router.add("POST", "/effect-inngest-3", run)),
  )
  const url = yield* serve(Layer.provide(routes, handlers))
  for (let one = 0; one < 4; one++) yield* ask(`${url}/effect-inngest-3`, "POST")
  yield* settle
  yield* settle
  return open === 0
})

export const pair: Pair = {
  report: "erikshestopal/effect-inngest#3",
  rule: "scope-pile-up",
  place: "openPage",
  broken: invoke((context) => context),
  fixed: invoke(Context.omit(Scope.Scope)),
}
