import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { TestConsole } from "effect/testing"
import { settingsFromEnvironment } from "../../otel/export/settings.ts"
import { everything } from "../../otel/instrument/records/observes.ts"

const observedWith = (env: Record<string, string>) =>
  settingsFromEnvironment({ serviceName: "test" }).pipe(
    Effect.map(({ observes }) => observes),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))),
  )

const nothing = { pubsub: false, queue: false, finalizers: false }

describe("SCOPELINE_OBSERVE", () => {
  it.effect.each([{}, { SCOPELINE_OBSERVE: "" }, { SCOPELINE_OBSERVE: " " }])(
    "observes everything where it is not set: %j",
    (env) =>
      Effect.gen(function* () {
        expect(yield* observedWith(env)).toEqual(everything)
      }),
  )

  it.effect.each([
    { list: "scopes, streams", observes: nothing },
    { list: "PubSub,finalizers", observes: { ...nothing, pubsub: true, finalizers: true } },
    { list: "queue,", observes: { ...nothing, queue: true } },
  ])("observes what it lists, and what always is: $list", ({ list, observes }) =>
    Effect.gen(function* () {
      expect(yield* observedWith({ SCOPELINE_OBSERVE: list })).toEqual(observes)
      expect(yield* TestConsole.errorLines).toEqual([])
    }),
  )

  it.effect("warns once of names that it does not know, and observes the rest", () =>
    Effect.gen(function* () {
      const observes = yield* observedWith({ SCOPELINE_OBSERVE: "pubsub,hubs,topics" })
      expect(observes).toEqual({ ...nothing, pubsub: true })
      expect(yield* TestConsole.errorLines).toEqual([
        'SCOPELINE_OBSERVE names "hubs", "topics", which Scopeline does not know: name exchanges, scopes, ' +
          "streams, fibers, pubsub, queue, finalizers.",
      ])
    }),
  )
})
