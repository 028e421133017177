import { createServer, type Server } from "node:http"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { disconnectUnseen } from "../../otel/lifetimes/rules/disconnect-unseen.ts"
import type { Scenario } from "./scenario.ts"
import { connected, serving, sse } from "./stage.ts"

/** What `node:http` of Bun 1.3.14 does: the response never says that its connection has closed. */
export const deafServer = () =>
  createServer().prependListener("request", (_, response) => {
    const { emit } = response
    response.emit = (event: string, ...args: ReadonlyArray<unknown>) =>
      event === "close" ? false : Reflect.apply(emit, response, [event, ...args])
  })

/**
 * Longer than the grace period with which recordings are read. The rule counts the time in which the client
 * connected as if the client had been there, and that is long on a busy machine.
 */
const unseen = "1500 millis"

/** A client of an event stream leaves. */
const watch = Effect.fnUntraced(function* (makeServer: () => Server) {
  const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
  const handler = Effect.map(subscribeTraced(bus), (subscription) =>
    sse(
      "event",
      Stream.concat(Stream.make("server.connected"), Stream.fromSubscription(subscription)),
    ),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", handler), makeServer)
  const client = yield* connected(`${server}/event`)
  yield* client.leave
  yield* Effect.sleep(unseen)
})

export const scenario: Scenario = {
  rule: disconnectUnseen,
  summary: "The platform does not tell when a client disconnects, so its stream is kept for ever.",
  repair:
    "The same program on a platform that tells: `node:http` as it is says when a connection closes.",
  broken: watch(deafServer),
  fixed: watch(createServer),
}
