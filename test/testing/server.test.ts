import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpClient, HttpRouter, HttpServerResponse } from "effect/http"
import { guarded, LifetimeError } from "../../otel/testing/index.ts"

const subscribe = Effect.fn("subscribe")(function* (bus: PubSub.PubSub<string>) {
  const subscription = yield* PubSub.subscribe(bus)
  const events = Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription))
  return HttpServerResponse.stream(Stream.encodeText(events), { contentType: "text/event-stream" })
})

/** A server that nothing was changed in, and a client that reads what it is sent at once. */
const visit = (path: string) =>
  Effect.gen(function* () {
    const bus = yield* PubSub.unbounded<string>()
    const routes = Layer.mergeAll(
      HttpRouter.add("GET", "/healthy", subscribe(bus)),
      HttpRouter.add("GET", "/broken", Effect.scoped(subscribe(bus))),
    )
    const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })
    const context = yield* Layer.build(Layer.provideMerge(server, NodeHttpServer.layerTest))
    const client = yield* HttpClient.HttpClient.pipe(Effect.provideContext(context))
    const response = yield* client.get(path)
    return yield* response.stream.pipe(Stream.decodeText, Stream.take(1), Stream.runCollect)
  })

const failureOf = (path: string) => visit(path).pipe(guarded(), Effect.flip)

describe.each(["live", "effect"] as const)(
  "a guarded test of a whole server, with it.%s",
  (kind) => {
    it[kind]("passes where a client leaves a healthy stream", () =>
      Effect.gen(function* () {
        expect(yield* visit("/healthy").pipe(guarded())).toEqual(["hello"])
      }),
    )

    it[kind]("fails where a scope closed under the stream, and says where that was opened", () =>
      Effect.gen(function* () {
        const failure = yield* failureOf("/broken")
        expect(failure).toBeInstanceOf(LifetimeError)
        expect(failure).toMatchObject({
          findings: [
            {
              rule: "scope-closed-early",
              route: "GET /broken",
              code: { function: "subscribe", file: expect.stringContaining("server.test.ts") },
            },
          ],
          leftovers: [],
        })
        expect(failure.message).toMatch(/── GET \/broken ─+\n.*scope subscribe/s)
      }),
    )
  },
)
