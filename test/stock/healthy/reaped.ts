/** Connections that the program ends, because nothing happens on them. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** What a connection reads, and what ends it. */
interface Connection {
  readonly events: Stream.Stream<string>
  readonly end: Effect.Effect<unknown>
}

const reaped = (
  path: `/${string}`,
  open: (application: Scope.Scope) => Effect.Effect<Connection, never, Scope.Scope>,
): Program =>
  Effect.gen(function* () {
    const application = yield* Effect.scope
    const since = new Map<Connection, number>()
    const reap = Effect.suspend(() =>
      Effect.forEach(since, ([connection, at]) => {
        if (performance.now() - at < 150) return Effect.void
        since.delete(connection)
        return connection.end
      }),
    )
    yield* Effect.forkScoped(Effect.forever(Effect.delay(reap, "40 millis")))
    const watch = Effect.fn("watch")(function* () {
      const connection = yield* open(application)
      since.set(connection, performance.now())
      return sse(Stream.concat(Stream.make("hello"), connection.events))
    })
    const url = yield* serve(HttpRouter.add("GET", path, watch()))
    const one = yield* connected(url + path)
    const other = yield* connected(url + path)
    const oneEnded = yield* one.until(({ end }) => end !== "open")
    const otherEnded = yield* other.until(({ end }) => end !== "open")
    yield* settle
    return oneEnded && otherEnded
  })

const inScope = Effect.fnUntraced(function* (application: Scope.Scope) {
  const scope = yield* Effect.acquireRelease(Scope.fork(application), (it) =>
    Scope.close(it, Exit.void),
  )
  const bus = yield* PubSub.sliding<string>(8)
  const subscription = yield* Scope.provide(PubSub.subscribe(bus), scope)
  return { events: Stream.fromSubscription(subscription), end: Scope.close(scope, Exit.void) }
})

const onQueue = Effect.fnUntraced(function* () {
  const queue = yield* Queue.sliding<string>(8)
  return { events: Stream.fromQueue(queue), end: Queue.shutdown(queue) }
})

/** A stream that ends after a time: a fiber of its own request closes what was forked for it. */
const aLimitedStream: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const watch = Effect.fn("watch")(function* () {
    const { events, end } = yield* inScope(application)
    yield* Effect.forkScoped(Effect.delay(end, "150 millis"))
    return sse(Stream.concat(Stream.make("hello"), events))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-limited-stream", watch()))
  const client = yield* connected(`${url}/a-limited-stream`)
  const ended = yield* client.until(({ end }) => end === "end")
  yield* settle
  return ended
})

export const reapedConnections = {
  "a-limited-stream": aLimitedStream,
  "a-reaped-connection": reaped("/a-reaped-connection", inScope),
  "a-reaped-queue": reaped("/a-reaped-queue", onQueue),
}
