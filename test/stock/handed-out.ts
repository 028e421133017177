/** A fiber of the program makes a source for a request, hands it out, and ends well as the body begins. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import { serve } from "./serving.ts"
import { settle, sse } from "./stage.ts"

/** What a request reads, and what is to happen once its body begins. */
export interface Source<A> {
  readonly source: A
  readonly begin: Effect.Effect<unknown>
}

export type Keeping = <A>(
  acquire: Effect.Effect<A, never, Scope.Scope>,
  helpers: FiberSet.FiberSet,
) => Effect.Effect<Source<A>, never, Scope.Scope>

/** The scope of the fiber closes when the fiber ends, and that is when the body begins. */
export const byAFiber: Keeping = Effect.fnUntraced(function* <A>(
  acquire: Effect.Effect<A, never, Scope.Scope>,
  helpers: FiberSet.FiberSet,
) {
  const begun = yield* Deferred.make<void>()
  const ready = yield* Deferred.make<A>()
  const help = Effect.gen(function* () {
    yield* Deferred.succeed(ready, yield* acquire)
    yield* Deferred.await(begun)
  })
  yield* FiberSet.run(helpers, Effect.scoped(help))
  return { source: yield* Deferred.await(ready), begin: Deferred.succeed(begun, undefined) }
})

/** The current scope keeps it. */
export const byItself: Keeping = (acquire) =>
  Effect.map(acquire, (source) => ({ source, begin: Effect.void }))

/** Whether two clients, one after the other, get events and stay connected. */
export const handOut = Effect.fnUntraced(function* (
  path: `/${string}`,
  kept: Effect.Effect<Source<Stream.Stream<string>>, never, Scope.Scope>,
) {
  const watch = Effect.fn("watch")(function* () {
    const { source, begin } = yield* kept
    return sse(Stream.concat(Stream.fromEffect(Effect.as(begin, "hello")), source))
  })
  const url = yield* serve(HttpRouter.add("GET", path, watch()))
  const clients = [yield* connected(url + path), yield* connected(url + path)]
  yield* Effect.forEach(clients, (client) => client.until(({ events }) => events.length > 1))
  const right = clients.every(({ events, end }) => events.length > 1 && end === "open")
  yield* Effect.forEach(clients, ({ leave }) => leave)
  yield* settle
  return right
})
