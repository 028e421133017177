/** What the first request makes and the program keeps. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Pool from "effect/Pool"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import * as Stream from "effect/Stream"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

/** Counts what is open. */
class Open {
  now = 0
  all = 0

  readonly one = Effect.acquireRelease(
    Effect.sync(() => {
      this.now++
      return ++this.all
    }),
    () =>
      Effect.sync(() => {
        this.now--
      }),
  )
}

const askedFourTimes = (url: string) =>
  Effect.all([ask(url), ask(url), ask(url), ask(url)], { concurrency: 2 })

const aSingleton: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const open = new Open()
  const connect = Effect.fn("connect")(function* () {
    yield* Effect.forkScoped(Effect.forever(Effect.sleep("20 millis")))
    return yield* open.one
  })
  const connection = yield* Effect.cached(Scope.provide(connect(), application))
  const query = Effect.map(connection, (id) => HttpServerResponse.text(`connection ${id}`))
  const url = yield* serve(HttpRouter.add("GET", "/a-singleton", query))
  const answers = yield* askedFourTimes(`${url}/a-singleton`)
  yield* settle
  return answers.every(({ text }) => text === "connection 1") && open.now === 1
})

const pages = Effect.fnUntraced(function* (
  path: `/${string}`,
  get: Effect.Effect<number, never, Scope.Scope>,
) {
  const page = Effect.map(get, (id) => HttpServerResponse.text(`page ${id}`))
  const url = yield* serve(HttpRouter.add("GET", path, page))
  return yield* askedFourTimes(`${url}${path}`)
})

const aPool: Program = Effect.gen(function* () {
  const open = new Open()
  const pool = yield* Pool.makeWithTTL({
    acquire: open.one,
    min: 0,
    max: 8,
    timeToLive: "10 seconds",
  })
  const slow = Effect.tap(Pool.get(pool), () => Effect.sleep("60 millis"))
  const answers = yield* pages("/a-pool", slow)
  yield* settle
  return answers.every(({ status }) => status === 200) && open.now > 0
})

const aKeyedResource: Program = Effect.gen(function* () {
  const open = new Open()
  const map = yield* RcMap.make({ lookup: (_: string) => open.one, idleTimeToLive: "700 millis" })
  let asked = 0
  const get = Effect.suspend(() => RcMap.get(map, `customer ${asked++}`))
  const answers = yield* pages("/a-keyed-resource", get)
  yield* settle
  yield* settle
  yield* settle
  return answers.length === 4 && open.all === 4 && open.now === 0
})

const aCountedResource: Program = Effect.gen(function* () {
  const open = new Open()
  const ref = yield* RcRef.make({ acquire: open.one, idleTimeToLive: "700 millis" })
  const answers = yield* pages("/a-counted-resource", RcRef.get(ref))
  yield* settle
  yield* settle
  yield* settle
  return answers.every(({ text }) => text === "page 1") && open.now === 0
})

/** What the first request of each tenant acquires for all others of that. */
const tenants: Program = Effect.gen(function* () {
  const application = yield* Effect.scope
  const open = new Open()
  const known = new Set<string>()
  const openTenant = Effect.fn("openTenant")(function* (name: string) {
    known.add(name)
    yield* Effect.forkScoped(Effect.forever(Effect.sleep("20 millis")))
    yield* open.one
  })
  const find = Effect.fn("find")(function* () {
    const { tenant = "" } = yield* HttpRouter.params
    if (!known.has(tenant)) yield* Scope.provide(openTenant(tenant), application)
    return HttpServerResponse.text(tenant)
  })
  const url = yield* serve(HttpRouter.add("GET", "/tenants/:tenant", find()))
  const visit = Effect.forEach(["acme", "bolt", "core", "dune"], (tenant) =>
    ask(`${url}/tenants/${tenant}`),
  )
  for (let round = 0; round < 3; round++) {
    yield* visit
    yield* settle
  }
  return open.all === 4
})

const aCache: Program = Effect.gen(function* () {
  const open = new Open()
  const cache = yield* ScopedCache.make({ lookup: (_: string) => open.one, capacity: 16 })
  let asked = 0
  const answers = yield* pages(
    "/a-cache",
    Effect.suspend(() => ScopedCache.get(cache, `customer ${asked++}`)),
  )
  yield* settle
  return answers.length === 4 && open.now === 4
})

/** Topics that are made with their first client and end some time after their last. */
const topics: Program = Effect.gen(function* () {
  const map = yield* RcMap.make({
    lookup: (topic: string) =>
      Effect.gen(function* () {
        const bus = yield* Effect.acquireRelease(PubSub.sliding<string>(64), PubSub.shutdown)
        yield* ticking(bus, topic)
        return bus
      }),
    idleTimeToLive: "200 millis",
  })
  const subscribe = Effect.fn("subscribe")(function* () {
    return sse(Stream.fromSubscription(yield* PubSub.subscribe(yield* RcMap.get(map, "tick"))))
  })
  const url = yield* serve(HttpRouter.add("GET", "/topics", subscribe()))
  const first = yield* connected(`${url}/topics`)
  const second = yield* connected(`${url}/topics`)
  yield* first.leave
  yield* settle
  const { length } = second.events
  const right = yield* second.until(({ events }) => events.length > length + 2)
  yield* second.leave
  yield* settle
  return right
})

export const shared = {
  "a-singleton": aSingleton,
  "a-pool": aPool,
  "a-keyed-resource": aKeyedResource,
  "a-counted-resource": aCountedResource,
  "a-cache": aCache,
  topics,
  tenants,
}
