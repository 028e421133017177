import { deepStrictEqual, throws } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { meetQueues, shutWhileAwaited } from "../../../otel/instrument/effect/meeting-queues.ts"

describe("a queue that is shut down while a fiber waits for it", () => {
  it("is told of until that fiber has gone on, also where what watches its end throws", () => {
    const forget = meetQueues({ made: () => {}, ended: () => {}, refused: () => {} })
    const queue = Effect.runSync(Queue.unbounded<number>())
    const told: Array<boolean> = []
    const waiting = Effect.runFork(
      Effect.onExit(Queue.take(queue), () =>
        Effect.sync(() => told.push(shutWhileAwaited() === queue)),
      ),
    )
    waiting.addObserver(() => {
      throw new Error("of the program")
    })
    throws(() => Queue.shutdownUnsafe(queue), /of the program/)
    deepStrictEqual([told, shutWhileAwaited()], [[true], undefined])
    forget()
  })
})
