import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

interface Cursor {
  open: boolean
  row: number
}

const openCursor = Effect.acquireRelease(
  Effect.sync((): Cursor => ({ open: true, row: 0 })),
  (cursor) =>
    Effect.sync(() => {
      cursor.open = false
    }),
)

const next = (cursor: Cursor) =>
  Effect.suspend(() =>
    cursor.open
      ? Effect.succeed(`row ${cursor.row++}\n`)
      : Effect.fail(new Error("the cursor is closed")),
  )

const rows = Stream.unwrap(
  Effect.map(openCursor, (cursor) => Stream.fromEffectRepeat(next(cursor))),
).pipe(Stream.rechunk(1), Stream.take(5))

/** Looks at the first row before it answers: a query without rows is not found. */
const exportRows = Effect.fn("exportRows")(function* () {
  const [first, rest] = yield* Stream.peel(rows, Sink.take<string>(1))
  if (first.length === 0) return HttpServerResponse.empty({ status: 404 })
  return HttpServerResponse.stream(
    Stream.encodeText(Stream.concat(Stream.fromIterable(first), rest)),
    { contentType: "text/csv" },
  )
})

type Export = ReturnType<typeof exportRows>

const download = Effect.fnUntraced(function* (
  within: (
    handler: Export,
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, Error, Scope.Scope>,
) {
  const url = yield* serve(HttpRouter.add("GET", "/fs2-1982", within(exportRows())))
  const answers = [yield* ask(`${url}/fs2-1982`), yield* ask(`${url}/fs2-1982`)]
  yield* settle
  return answers.every(({ text }) => text.split("\n").length === 6)
})

export const pair: Pair = {
  report: "typelevel/fs2#1982",
  rule: "scope-closed-early",
  alone: true,
  broken: download((handler) => Effect.scoped(handler)),
  fixed: download((handler) => handler),
}
