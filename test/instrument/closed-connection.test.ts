import { strictEqual } from "node:assert"
import { once } from "node:events"
import { createServer, get, type IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { LifetimeSink, silentSink } from "../../otel/instrument/records/sink.ts"
import { serving } from "../../src/scenarios/stage.ts"
import { collectGarbage } from "../support/collect-garbage.ts"
import { eventually } from "../support/eventually.ts"
import { eventStream } from "./exchange.ts"

const visits = 20

const unrecorded = Layer.provide(layerLifetimes(), Layer.succeed(LifetimeSink, silentSink))

/** A client that reads the first event and leaves. */
const visit = async (url: string): Promise<void> => {
  const [response]: Array<IncomingMessage> = await once(get(url, { agent: false }), "response")
  if (response === undefined) throw new Error("there is no answer")
  await once(response, "data")
  response.destroy()
}

const isOver = Effect.flatMap(Registry, ({ exchanges }) =>
  eventually(
    Effect.sync(() => exchanges.size),
    (open) => open === 0,
  ),
)

/** Looks until none of them is in memory. */
const allLetGo = (noted: ReadonlyArray<WeakRef<object>>) =>
  eventually(
    Effect.sync(() => {
      collectGarbage()
      return noted.filter((reference) => reference.deref() !== undefined).length
    }),
    (kept) => kept === 0,
  )

const subscribed = (bus: PubSub.PubSub<number>) =>
  Effect.map(PubSub.subscribe(bus), (subscription) => ({
    subscription,
    response: eventStream(Stream.concat(Stream.make(1), Stream.fromSubscription(subscription))),
  }))

describe("an exchange that is over", () => {
  it.live("is not kept by its socket, which the platform keeps for longer", () =>
    Effect.gen(function* () {
      const { exchanges } = yield* Registry
      const bus = yield* PubSub.unbounded<number>()
      const noted: Array<WeakRef<object>> = []
      const sockets: Array<Socket> = []
      const handler = Effect.gen(function* () {
        for (const exchange of exchanges) noted.push(new WeakRef(exchange))
        return (yield* subscribed(bus)).response
      })
      const makeServer = () => createServer().on("connection", (socket) => sockets.push(socket))
      const server = yield* serving(HttpRouter.add("GET", "/event", handler), makeServer)
      for (let count = 0; count < visits; count++) {
        yield* Effect.promise(() => visit(`${server}/event`))
      }
      yield* isOver
      strictEqual(noted.length >= visits, true)
      // The hook and the fiber here may know the latest.
      yield* allLetGo(noted)
      strictEqual(sockets.length, visits)
    }).pipe(Effect.scoped, Effect.provide(unrecorded)),
  )

  it.live("leaves nothing of its request to a subscription that the program keeps", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const noted: Array<WeakRef<object>> = []
      const kept: Array<PubSub.Subscription<number>> = []
      const handler = Effect.gen(function* () {
        noted.push(new WeakRef(yield* HttpServerRequest.HttpServerRequest))
        const { subscription, response } = yield* subscribed(bus)
        kept.push(subscription)
        return response
      })
      const server = yield* serving(HttpRouter.add("GET", "/event", handler))
      for (let count = 0; count < visits; count++) {
        yield* Effect.promise(() => visit(`${server}/event`))
      }
      yield* isOver
      strictEqual(noted.length, visits)
      yield* allLetGo(noted)
      strictEqual(kept.length, visits)
    }).pipe(Effect.scoped, Effect.provide(unrecorded)),
  )
})
