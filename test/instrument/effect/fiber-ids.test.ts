import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { layerTelemetry, traceCurrentScope } from "../../../otel/index.ts"
import { uncounted } from "../../../otel/instrument/effect/fiber-ids.ts"

/** The ids of its own fiber and of two that it forks. */
const ids = Effect.gen(function* () {
  const first = yield* Effect.forkChild(Effect.fiberId)
  const second = yield* Effect.forkChild(Effect.fiberId)
  return [yield* Effect.fiberId, yield* Fiber.join(first), yield* Fiber.join(second)]
})

const settings = { serviceName: "ids", resource: {}, fromEnvironment: false }
const nowhere = { url: "http://127.0.0.1:1", exact: false }

describe("the fibers of a program", () => {
  it("have the ids that they would have had, under the Layer and after it", async () => {
    const [last = 0] = await Effect.runPromise(Effect.map(ids, (all) => all.toReversed()))
    const layer = layerTelemetry({ ...settings, endpoint: nowhere })
    const under = await Effect.runPromise(Effect.provide(ids, layer, { local: true }))
    deepStrictEqual(under, [last + 1, last + 2, last + 3])
    deepStrictEqual(await Effect.runPromise(ids), [last + 4, last + 5, last + 6])
  })

  it.effect("have them where a test moves the clock by which they are judged", () =>
    Effect.gen(function* () {
      const before = yield* Effect.forkChild(Effect.fiberId)
      yield* traceCurrentScope("test", "application")
      yield* TestClock.adjust("1 minute")
      const after = yield* Effect.forkChild(Effect.fiberId)
      strictEqual(after.id, before.id + 2) // `adjust` waits for one
    }).pipe(Effect.provide(layerTelemetry({ ...settings, endpoint: undefined }))),
  )

  it("are not counted while we run some of ours, which may do so themselves", () => {
    const idOf = () => Effect.runFork(Effect.void).id
    const before = idOf()
    uncounted(() => {
      idOf()
      uncounted(idOf)
      idOf()
    })
    strictEqual(idOf(), before + 1)
  })

  it("have them as what they are: a property of the fiber", () => {
    const fiber = Effect.runFork(Effect.void)
    deepStrictEqual(Object.getOwnPropertyDescriptor(fiber, "id"), {
      value: fiber.id,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  })
})
