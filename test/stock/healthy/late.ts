/** Clients that come while the program stops. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { asking, staying } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { sse } from "../stage.ts"

type Answer = Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, Scope.Scope>

/** What is acquired after the server is released before it: somebody reads it, and another comes after that. */
const stops = <A>(
  path: `/${string}`,
  acquire: Effect.Effect<A, never, Scope.Scope>,
  watch: (acquired: A) => Answer,
): Program =>
  Effect.gen(function* () {
    let acquired: A | undefined
    const answer = Effect.suspend(() =>
      acquired === undefined ? Effect.die("not yet") : watch(acquired),
    )
    const url = (yield* serve(HttpRouter.add("GET", path, answer))) + path
    yield* Effect.addFinalizer(() =>
      Effect.gen(function* () {
        const late = yield* asking(url)
        yield* late.until(({ end }) => end !== "open")
      }).pipe(Effect.scoped),
    )
    acquired = yield* acquire
    const client = yield* staying(url)
    return client.events[0] === "hello"
  })

const greeted = (events: Stream.Stream<string, Error>) =>
  sse(Stream.concat(Stream.make("hello"), events))

const bus = Effect.acquireRelease(PubSub.sliding<string>(16), PubSub.shutdown)

const queue = Effect.acquireRelease(Queue.unbounded<string>(), Queue.shutdown)

/** It is closed by a finalizer of the program, and forked from nothing. */
const sessions = Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))

const pool = Effect.gen(function* () {
  let isOpen = true
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isOpen = false
    }),
  )
  return Effect.suspend(() =>
    isOpen ? Effect.never : Effect.fail(new Error("the pool is closed")),
  )
})

const inSession = Effect.fnUntraced(function* (of: Scope.Scope) {
  const connection = yield* Effect.acquireRelease(Scope.fork(of), Scope.close)
  const events = yield* PubSub.unbounded<string>()
  return greeted(
    Stream.fromSubscription(yield* Scope.provide(PubSub.subscribe(events), connection)),
  )
})

export const lateClients = {
  "late-for-a-bus": stops("/late-for-a-bus", bus, (it) =>
    Effect.map(PubSub.subscribe(it), (mine) => greeted(Stream.fromSubscription(mine))),
  ),
  "late-for-a-queue": stops("/late-for-a-queue", queue, (it) =>
    Effect.succeed(greeted(Stream.fromQueue(it))),
  ),
  "late-for-a-session": stops("/late-for-a-session", sessions, inSession),
  "late-for-a-pool": stops("/late-for-a-pool", pool, (query) =>
    Effect.succeed(greeted(Stream.fromEffect(query))),
  ),
} satisfies Readonly<Record<string, Program>>
