import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import type { EventStream } from "../../src/probe/event-stream.ts"
import { sse } from "../../src/scenarios/stage.ts"

export const makeBus = PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))

export const hello = Stream.make("server.connected")

/** `GET /event`: that it is connected, and then whatever is published. */
export const eventRoute = (bus: PubSub.PubSub<string>) =>
  HttpRouter.add(
    "GET",
    "/event",
    Effect.map(subscribeTraced(bus), (subscription) =>
      sse("event", Stream.concat(hello, Stream.fromSubscription(subscription))),
    ),
  )

/** Waits until a client has had so many events of the type. */
export const received = (client: EventStream, type: string, count: number) =>
  client.until(({ events }) => (events.get(type) ?? 0) >= count)
