import { Effect, PubSub, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

const connected = Stream.make("data: connected\n\n")

/** An event stream on a subscription in whatever scope this runs in. */
const subscribe = (ticks: PubSub.PubSub<string>) =>
  Effect.map(PubSub.subscribe(ticks), (subscription) =>
    HttpServerResponse.stream(
      connected.pipe(Stream.concat(Stream.fromSubscription(subscription)), Stream.encodeText),
      { contentType: "text/event-stream" },
    ),
  )

const openBroken = Effect.fn("openBroken")(function* (ticks: PubSub.PubSub<string>) {
  return yield* Effect.scoped(subscribe(ticks))
})

/** Where `openBroken` is called, as `"/broken"` is answered. */
const answerBroken = Effect.fn("answerBroken")(function* (ticks: PubSub.PubSub<string>) {
  return yield* openBroken(ticks)
})

const withSession = Effect.fn("withSession")(function* () {
  return yield* Effect.scoped(Effect.acquireRelease(Effect.succeed("a session"), () => Effect.void))
})

const answerNested = Effect.fn("answerNested")(function* (ticks: PubSub.PubSub<string>) {
  yield* withSession()
  return yield* subscribe(ticks)
})

/** An ordinary request, with a scope of its own. */
const answerJson = Effect.fn("answerJson")(function* () {
  yield* Effect.scoped(Effect.addFinalizer(() => Effect.void))
  return yield* HttpServerResponse.json({ status: "ok" })
})

/** A program that knows nothing of this project: three event streams on one PubSub. */
export const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64)
    const publish = PubSub.publish(ticks, "data: tick\n\n").pipe(Effect.delay("20 millis"))
    yield* Effect.forkScoped(Effect.forever(publish))
    yield* router.add("GET", "/broken", answerBroken(ticks))
    yield* router.add("GET", "/fixed", subscribe(ticks))
    yield* router.add("GET", "/nested", answerNested(ticks))
    yield* router.add("GET", "/json", answerJson())
  }),
)
