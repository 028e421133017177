import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { VariantName } from "../../src/server/variant-name.ts"
import { eventServer, openLifetimes } from "../support/event-server.ts"
import { eventually } from "../support/eventually.ts"
import { RawClient } from "../support/raw-client.ts"

const connectedAndReading = Effect.fnUntraced(function* (address: string) {
  const client = yield* RawClient.connect(address)
  yield* client.ask("GET /event")
  yield* client.until(({ received }) => received.includes("server.connected"))
  return client
})

/** The ways in which a client can be gone, each by one client on a connection of its own. */
const ways = {
  "close after the first event": (address: string) =>
    Effect.andThen(connectedAndReading(address), ({ socket }) =>
      Effect.sync(() => socket.destroy()),
    ),
  "reset after the first event": (address: string) =>
    Effect.andThen(connectedAndReading(address), ({ socket }) =>
      Effect.sync(() => socket.resetAndDestroy()),
    ),
  "are gone before the head is sent": (address: string) =>
    Effect.gen(function* () {
      const client = yield* RawClient.connect(address, "deaf")
      yield* client.ask("GET /event")
      client.socket.destroy()
    }),
  "ask for the head alone": (address: string) =>
    Effect.gen(function* () {
      const client = yield* RawClient.connect(address)
      yield* client.ask("HEAD /event")
      yield* client.until(({ received }) => received.endsWith("\r\n\r\n"))
    }),
}

const cases: ReadonlyArray<{ readonly count: number; readonly way: keyof typeof ways }> = [
  { count: 100, way: "close after the first event" },
  { count: 100, way: "reset after the first event" },
  { count: 50, way: "are gone before the head is sent" },
  { count: 50, way: "ask for the head alone" },
]

const warmUp = Effect.fnUntraced(function* (address: string) {
  yield* openLifetimes(address)
  return yield* openLifetimes(address)
})

/** That many clients come and go; gives what was open before them, and what they were answered. */
const visited = Effect.fnUntraced(function* (
  variant: VariantName,
  count: number,
  way: keyof typeof ways,
) {
  const address = yield* eventServer({ variant })
  const before = yield* warmUp(address)
  const clients = Array.from({ length: count }, () => Effect.scoped(ways[way](address)))
  yield* Effect.all(clients, { concurrency: 25, discard: true })
  return { address, before }
})

describe("the fixed stream", () => {
  it.live.each(cases)(
    "has released everything, before anything is published, when $count clients $way",
    ({ count, way }) =>
      Effect.gen(function* () {
        const { address, before } = yield* visited("fixed", count, way)
        const after = yield* eventually(
          openLifetimes(address),
          (open) =>
            open.exchanges.length === 0 &&
            open.scopes.length <= before.scopes.length &&
            open.subscriptions.length === 0 &&
            open.streams.length === 0 &&
            open.runningFibers <= before.runningFibers,
        )
        expect(after.scopes.map(({ role }) => role)).toEqual(["application"])
      }),
    20_000,
  )
})

describe("the fix taken word for word", () => {
  it.live.each(cases)(
    "has leaked $count subscriptions when $count clients $way",
    ({ count, way }) =>
      Effect.gen(function* () {
        const { address } = yield* visited("literal", count, way)
        const after = yield* eventually(
          openLifetimes(address),
          (open) =>
            open.exchanges.length === 0 &&
            open.streams.length === 0 &&
            open.subscriptions.length === count,
        )
        expect(new Set(after.subscriptions.map(({ owner }) => owner))).toEqual(
          new Set(["application"]),
        )
        expect(new Set(after.subscriptions.map(({ readers }) => readers))).toEqual(new Set([0]))
      }),
    20_000,
  )
})
