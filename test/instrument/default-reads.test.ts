import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const Tenant = Context.Reference<string>("Tenant", { defaultValue: () => "public" })

/** What is found of a request whose handler has a tenant of its own. */
const foundOf = (body: Stream.Stream<unknown>, prepare: Effect.Effect<unknown> = Effect.void) => {
  const handler: Handler = Effect.as(prepare, eventStream(body))
  return Effect.gen(function* () {
    yield* answer(Effect.provideService(handler, Tenant, "acme"))
    const { ended } = yield* Recording
    return ended.flatMap((record) =>
      record.kind === "stream"
        ? (record.exchange?.matches ?? []).map(({ rule, severity }) => `${rule}, ${severity}`)
        : [],
    )
  }).pipe(Effect.provide(recorded()))
}

const events = Stream.make(1, 2, 3)

describe("a body that asks for a Reference", () => {
  it.effect("is found where it is given the default", () =>
    Effect.gen(function* () {
      const found = yield* foundOf(Stream.mapEffect(events, () => Tenant))
      deepStrictEqual(found, ["context-lost, warning"])
    }),
  )

  it.effect("is found where a fork of it asks", () =>
    Effect.gen(function* () {
      const found = yield* foundOf(Stream.mapEffect(events, () => Tenant, { concurrency: 2 }))
      deepStrictEqual(found, ["context-lost, warning"])
    }),
  )

  it.effect("is healthy where it has been given the value of the handler", () =>
    Effect.gen(function* () {
      const body = Stream.mapEffect(events, () => Tenant)
      deepStrictEqual(yield* foundOf(Stream.provideService(body, Tenant, "acme")), [])
    }),
  )

  it.effect("is healthy where the handler has no other value than the default", () =>
    Effect.gen(function* () {
      const Level = Context.Reference<number>("Level", { defaultValue: () => 1 })
      deepStrictEqual(yield* foundOf(Stream.mapEffect(events, () => Level)), [])
    }),
  )

  it.effect("is healthy where the handler alone asks", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* foundOf(events, Tenant), [])
    }),
  )
})
