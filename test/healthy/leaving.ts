import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import { connected, gracePassed, serving } from "../../src/scenarios/stage.ts"
import { RawClient } from "../support/raw-client.ts"
import { eventRoute, makeBus, received } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

const aClientLeaves: Healthy = {
  title: "a client has had what was published and leaves",
  exchanges: ["GET /event client"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const server = yield* serving(eventRoute(bus))
    const client = yield* connected(`${server}/event`)
    yield* PubSub.publishAll(bus, ["created", "created", "created"])
    yield* received(client, "created", 3)
    yield* client.leave
    yield* gracePassed
    yield* PubSub.publish(bus, "created")
    yield* gracePassed
  }),
}

const aClientResets: Healthy = {
  title: "a client resets its connection",
  exchanges: ["GET /event client"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const server = yield* serving(eventRoute(bus))
    const client = yield* RawClient.connect(server)
    yield* client.ask("GET /event")
    yield* client.until((it) => it.received.includes("server.connected"))
    yield* Effect.sync(() => client.socket.resetAndDestroy())
    yield* gracePassed
    yield* PubSub.publish(bus, "created")
    yield* gracePassed
  }),
}

export const leaving = [aClientLeaves, aClientResets]
