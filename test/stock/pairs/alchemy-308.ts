import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** What a request opens is closed at once where its scope had been closed before it came. */
const openCursor = Effect.fn("openCursor")(function* () {
  return yield* Effect.acquireRelease(
    Effect.sync(() => ({ open: true })),
    (cursor) =>
      Effect.sync(() => {
        cursor.open = false
      }),
  )
})

const row = (cursor: { readonly open: boolean }) =>
  Effect.suspend(() =>
    cursor.open ? Effect.succeed("row") : Effect.fail(new Error("the cursor is closed")),
  )

/** The context of the start is given to each request: with the scope of the start, or without. */
const start = Effect.fnUntraced(function* (
  given: (context: Context.Context<Scope.Scope>) => Context.Context<never>,
) {
  const starting = yield* Scope.make()
  const context = yield* Scope.provide(Effect.context<Scope.Scope>(), starting)
  yield* Scope.close(starting, Exit.void)
  const rows = Effect.map(openCursor(), (cursor) =>
    sse(Stream.take(Stream.fromEffectRepeat(row(cursor)), 3)),
  )
  const handler = Effect.provideContext(rows, given(context))
  const url = yield* serve(HttpRouter.add("GET", "/alchemy-308", handler))
  const answers = [yield* ask(`${url}/alchemy-308`), yield* ask(`${url}/alchemy-308`)]
  yield* settle
  return answers.every(({ events }) => events.length === 3)
})

export const pair: Pair = {
  report: "alchemy-run/alchemy#308",
  rule: "scope-closed-early",
  alone: true,
  place: "openCursor",
  broken: start((context) => context),
  fixed: start(Context.omit(Scope.Scope)),
}
