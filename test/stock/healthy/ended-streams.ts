/** What one request reads, and another ends for it. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

interface Topic {
  readonly scope: Scope.Closeable
  readonly subscription: PubSub.Subscription<string>
}

const done = HttpServerResponse.empty()

const openTopic = Effect.fnUntraced(function* (application: Scope.Scope) {
  const scope = yield* Scope.fork(application)
  const bus = yield* PubSub.sliding<string>(8)
  const subscription = yield* Scope.provide(PubSub.subscribe(bus), scope)
  return { scope, subscription }
})

const read = ({ subscription }: Topic) =>
  sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))

const close = ({ scope }: Topic) => Effect.as(Scope.close(scope, Exit.void), done)

/** A client reads until another request ends that. */
const readAndEnd = Effect.fnUntraced(function* (url: string) {
  const client = yield* connected(url)
  yield* settle
  yield* ask(url, "DELETE")
  const ended = yield* client.until(({ end }) => end === "end")
  yield* settle
  return ended
})

const aTopicOfTheProgram: Program = Effect.gen(function* () {
  const topic = yield* openTopic(yield* Effect.scope)
  const path = "/a-topic-of-the-program"
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("GET", path, Effect.succeed(read(topic))),
      HttpRouter.add("DELETE", path, close(topic)),
    ),
  )
  return yield* readAndEnd(url + path)
})

const aTopicOfASession: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  let topic = yield* openTopic(application)
  const path = "/a-topic-of-a-session"
  const logIn = Effect.fn("logIn")(function* () {
    topic = yield* openTopic(application)
    return done
  })
  const url = yield* serve(
    Layer.mergeAll(
      HttpRouter.add("POST", path, logIn()),
      HttpRouter.add(
        "GET",
        path,
        Effect.sync(() => read(topic)),
      ),
      HttpRouter.add(
        "DELETE",
        path,
        Effect.suspend(() => close(topic)),
      ),
    ),
  )
  yield* ask(url + path, "POST")
  return yield* readAndEnd(url + path)
})

/** Of each user the latest connection counts: it ends the one before. */
const theLatestConnection: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(8)
  let latest: Scope.Closeable | undefined
  const watch = Effect.fn("watch")(function* () {
    if (latest !== undefined) yield* Scope.close(latest, Exit.void)
    const connection = yield* Effect.acquireRelease(Scope.fork(application), (scope) =>
      Scope.close(scope, Exit.void),
    )
    latest = connection
    const subscription = yield* Scope.provide(PubSub.subscribe(bus), connection)
    return read({ scope: connection, subscription })
  })
  const path = "/the-latest-connection"
  const url = yield* serve(HttpRouter.add("GET", path, watch()))
  const first = yield* connected(url + path)
  yield* settle
  const second = yield* connected(url + path)
  const ended = yield* first.until(({ end }) => end === "end")
  yield* PubSub.publish(bus, "event")
  const received = yield* second.until(({ events }) => events.includes("event"))
  yield* second.leave
  yield* settle
  return ended && received
})

/** A connection's scope shuts down what its download reads: a finalizer that knows the first request only. */
const aDownloadThatIsStopped: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  let download: Scope.Closeable | undefined
  const start = Effect.fn("start")(function* () {
    const scope = yield* Effect.acquireRelease(Scope.fork(application), (it) =>
      Scope.close(it, Exit.void),
    )
    download = scope
    const rows = yield* Effect.acquireRelease(Queue.unbounded<string>(), Queue.shutdown).pipe(
      Scope.provide(scope),
    )
    yield* Queue.offer(rows, "row\n\n")
    return HttpServerResponse.stream(Stream.encodeText(Stream.fromQueue(rows)))
  })
  const stop = Effect.suspend(() =>
    Effect.as(download === undefined ? Effect.void : Scope.close(download, Exit.void), done),
  )
  const path = "/a-download-that-is-stopped"
  const url = yield* serve(
    Layer.mergeAll(HttpRouter.add("GET", path, start()), HttpRouter.add("DELETE", path, stop)),
  )
  const client = yield* connected(url + path)
  yield* settle
  yield* ask(url + path, "DELETE")
  const stopped = yield* client.until(({ end }) => end === "reset" || end === "end")
  yield* settle
  return stopped
})

export const endedStreams = {
  "a-download-that-is-stopped": aDownloadThatIsStopped,
  "the-latest-connection": theLatestConnection,
  "a-topic-of-the-program": aTopicOfTheProgram,
  "a-topic-of-a-session": aTopicOfASession,
}
