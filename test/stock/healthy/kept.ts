/** Subscriptions that something keeps on purpose after the request for which it acquired them. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

/** Each client leaves its stream and comes back after a time. */
const comeBack = Effect.fnUntraced(function* (urls: ReadonlyArray<string>) {
  const visits = Effect.forEach(urls, (url) =>
    Effect.gen(function* () {
      const client = yield* connected(url)
      const served = yield* client.until(() => client.count("tick") > 0)
      yield* client.leave
      return served
    }),
  )
  const first = yield* visits
  yield* settle
  yield* settle
  const second = yield* visits
  return [...first, ...second].every((served) => served)
})

/** Work of the program that requests start collects for a time, and reads all at once. */
const digests: Program = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<string>()
  yield* ticking(bus, "tick")
  const works = yield* FiberSet.make()
  let sent = 0
  const digest = Effect.fn("digest")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    yield* settle
    yield* settle
    const all = yield* PubSub.takeUpTo(subscription, 1_000)
    if (all.length > 0) sent++
  })
  const order = Effect.as(
    FiberSet.run(works, Effect.scoped(digest())),
    HttpServerResponse.empty({ status: 202 }),
  )
  const url = yield* serve(HttpRouter.add("GET", "/digests", order))
  for (let one = 0; one < 3; one++) yield* ask(`${url}/digests`)
  yield* settle
  yield* settle
  yield* settle
  return sent === 3
})

/** A fiber of the program keeps the subscription of each ticket for a client that comes back. */
const keepingTickets = Effect.fnUntraced(function* (isOver: Effect.Effect<void>) {
  const bus = yield* PubSub.unbounded<string>()
  yield* ticking(bus, "tick")
  const keepers = yield* FiberMap.make<string>()
  const kept = new Map<string, PubSub.Subscription<string>>()
  const keep = Effect.fnUntraced(function* (id: string) {
    const ready = yield* Deferred.make<PubSub.Subscription<string>>()
    const keeper = Effect.gen(function* () {
      const subscription = yield* PubSub.subscribe(bus)
      kept.set(id, subscription)
      yield* Deferred.succeed(ready, subscription)
      yield* isOver
    })
    yield* FiberMap.run(keepers, id, Effect.scoped(keeper))
    return yield* Deferred.await(ready)
  })
  const read = Effect.gen(function* () {
    const { id = "" } = yield* HttpRouter.params
    return sse(Stream.fromSubscription(kept.get(id) ?? (yield* keep(id))))
  })
  return yield* serve(HttpRouter.add("GET", "/tickets/:id", read))
})

const tickets: Program = Effect.gen(function* () {
  const url = yield* keepingTickets(Effect.never)
  return yield* comeBack(["a", "b", "c"].map((id) => `${url}/tickets/${id}`))
})

/** A ticket runs out while its client, who has come back, reads. */
const endingTickets: Program = Effect.gen(function* () {
  const over = yield* Deferred.make<void>()
  const url = yield* keepingTickets(Deferred.await(over))
  const first = yield* connected(`${url}/tickets/a`)
  yield* first.leave
  yield* settle
  const again = yield* connected(`${url}/tickets/a`)
  yield* Deferred.succeed(over, undefined)
  const right = yield* again.until(({ end }) => end !== "open")
  yield* settle
  return right
})

/** A room keeps its subscription for an idle time. */
const idleRooms: Program = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<string>()
  yield* ticking(bus, "tick")
  const rooms = yield* RcMap.make({
    lookup: (_: string) => PubSub.subscribe(bus),
    idleTimeToLive: "20 seconds",
  })
  const read = Effect.gen(function* () {
    const { id = "" } = yield* HttpRouter.params
    const room = yield* Effect.timeout(RcMap.get(rooms, id), "1 second")
    return sse(Stream.fromSubscription(room))
  })
  const url = yield* serve(HttpRouter.add("GET", "/idle-rooms/:id", read))
  return yield* comeBack(["a", "b", "c"].map((id) => `${url}/idle-rooms/${id}`))
})

/** Two stores race for a login, and the scope of the winner is the session's. */
const racedLogins: Program = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<string>()
  yield* ticking(bus, "tick")
  const sessions = new Map<string, Scope.Closeable>()
  yield* Effect.addFinalizer(() =>
    Effect.forEach(sessions.values(), (own) => Scope.close(own, Exit.void)),
  )
  const open = Effect.fnUntraced(function* (id: string) {
    const own = yield* Scope.make()
    sessions.set(id, own)
    yield* Scope.provide(PubSub.subscribe(bus), own)
  })
  const logIn = Effect.gen(function* () {
    const { id = "" } = yield* HttpRouter.params
    yield* Effect.race(open(id), Effect.never)
    return HttpServerResponse.empty({ status: 201 })
  })
  const url = yield* serve(HttpRouter.add("GET", "/raced-logins/:id", logIn))
  for (const id of ["a", "b", "c"]) yield* ask(`${url}/raced-logins/${id}`)
  yield* settle
  yield* settle
  return sessions.size === 3
})

export const kept = {
  digests,
  tickets,
  "ending-tickets": endingTickets,
  "idle-rooms": idleRooms,
  "raced-logins": racedLogins,
}
