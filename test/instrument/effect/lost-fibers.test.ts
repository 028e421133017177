import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { type AnyFiber, onLost } from "../../../otel/instrument/effect/fibers.ts"

const countObservers = (fiber: AnyFiber): unknown => Reflect.get(fiber, "_observers")?.length ?? 0

describe("who watches whether a fiber is lost", () => {
  it.effect("leaves nothing on it that is not watched any more", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkDetach(Effect.never)
      const before = countObservers(fiber)
      for (let turn = 0; turn < 100; turn++) onLost(fiber, () => {})()
      expect(countObservers(fiber)).toBe(before)
      yield* Fiber.interrupt(fiber)
    }),
  )
})
