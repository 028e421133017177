import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

const Tenant = Context.Reference<string>("stock/Tenant", { defaultValue: () => "public" })

interface Entry {
  readonly tenant: string
  readonly text: string
}

type Entries = Stream.Stream<Entry>

/** Asks for the tenant at every entry, in the body. */
const askingInBody = (entries: Entries) =>
  Effect.succeed(
    Stream.filterEffect(entries, ({ tenant }) => Effect.map(Tenant, (own) => own === tenant)),
  )

/** Asks for it once, in the handler. */
const askingInHandler = (entries: Entries) =>
  Effect.map(Tenant, (own) => Stream.filter(entries, ({ tenant }) => tenant === own))

const watch = Effect.fnUntraced(function* (own: (entries: Entries) => Effect.Effect<Entries>) {
  const bus = yield* PubSub.sliding<Entry>(64)
  yield* ticking(bus, { tenant: "public", text: "for everybody" })
  yield* ticking(bus, { tenant: "acme", text: "for acme" })
  const feed = Effect.fn("feed")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    return sse(Stream.map(yield* own(Stream.fromSubscription(subscription)), ({ text }) => text))
  })
  const handler = Effect.provideService(feed(), Tenant, "acme")
  const url = yield* serve(HttpRouter.add("GET", "/sse-starlette-103", handler))
  const client = yield* connected(`${url}/sse-starlette-103`)
  yield* client.until(({ events }) => events.length > 3)
  const right = client.count("for acme") === client.events.length
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "sysid/sse-starlette#103",
  rule: "context-lost",
  place: "feed",
  broken: watch(askingInBody),
  fixed: watch(askingInHandler),
}
