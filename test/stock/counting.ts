/** An upstream that requests share, and that is closed when it is over: the program counts who reads it. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import { serve } from "./serving.ts"
import { settle, sse, ticking } from "./stage.ts"

type Events = Stream.Stream<string>

/** Opens the upstream in the current scope. */
type Open = (bus: PubSub.PubSub<string>) => Effect.Effect<Events, never, Scope.Scope>

/** It is over when `isOver` of so many who are left. */
const counted = (
  application: Scope.Scope,
  open: Effect.Effect<Events, never, Scope.Scope>,
  isOver: (readers: number) => boolean,
): Effect.Effect<Events, never, Scope.Scope> => {
  let readers = 0
  let current: { readonly scope: Scope.Closeable; readonly events: Events } | undefined
  const join = Effect.gen(function* () {
    readers++
    if (current === undefined) {
      const scope = yield* Scope.fork(application)
      current = { scope, events: yield* Scope.provide(open, scope) }
    }
    return current.events
  })
  const leave = Effect.suspend(() => {
    readers--
    const closed = current
    if (closed === undefined || !isOver(readers)) return Effect.void
    current = undefined
    return Scope.close(closed.scope, Exit.void)
  })
  return Effect.acquireRelease(join, () => leave)
}

/** Three watch and leave in turn, while the others read on; then somebody comes again. */
export const watchedInTurn = Effect.fnUntraced(function* (
  path: `/${string}`,
  open: Open,
  isOver: (readers: number) => boolean,
) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const upstream = counted(yield* Effect.scope, open(bus), isOver)
  const watch = Effect.fn("watch")(function* () {
    return sse(Stream.concat(Stream.make("hello"), yield* upstream))
  })
  const url = yield* serve(HttpRouter.add("GET", path, watch()))
  const clients = [
    yield* connected(url + path),
    yield* connected(url + path),
    yield* connected(url + path),
  ]
  let right = true
  for (const client of clients) {
    const { length } = client.events
    const reads = client.until(({ events, end }) => events.length > length + 2 || end !== "open")
    right = (yield* reads) && client.end === "open" && right
    yield* client.leave
    yield* settle
  }
  const again = yield* connected(url + path)
  return (yield* again.until((it) => it.count("tick") > 1)) && right
})
