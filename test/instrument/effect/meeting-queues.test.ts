import { deepStrictEqual, throws } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import {
  type AnyQueue,
  meetQueues,
  takenWhileAwaited,
} from "../../../otel/instrument/effect/meeting-queues.ts"

/** The queue that a fiber goes on without which ends like that. */
const takenIn = (exit: Exit.Exit<unknown, unknown>): AnyQueue | undefined => {
  const [reason] = Exit.isFailure(exit) ? exit.cause.reasons : []
  return reason?._tag === "Interrupt" ? takenWhileAwaited({ reason }) : undefined
}

describe("a queue that is shut down while a fiber waits for it", () => {
  it("is told of until that fiber has gone on, also where what watches its end throws", () => {
    const forget = meetQueues({ made: () => {}, takenAway: () => {}, refused: () => {} })
    const queue = Effect.runSync(Queue.unbounded<number>())
    const told: Array<boolean> = []
    let ended: Exit.Exit<unknown, unknown> = Exit.void
    const waiting = Effect.runFork(
      Effect.onExit(Queue.take(queue), (exit) =>
        Effect.sync(() => {
          ended = exit
          told.push(takenIn(exit) === queue)
        }),
      ),
    )
    waiting.addObserver(() => {
      throw new Error("of the program")
    })
    throws(() => Queue.shutdownUnsafe(queue), /of the program/)
    deepStrictEqual([told, takenIn(ended)], [[true], undefined])
    forget()
  })
})

describe("a queue that comes to its end", () => {
  /** How often it is said to be taken away. */
  const taken = (
    end: (queue: Queue.Queue<number, Cause.Done | Error>) => Effect.Effect<unknown>,
  ) => {
    let count = 0
    const forget = meetQueues({ made: () => {}, takenAway: () => count++, refused: () => {} })
    const program = Effect.gen(function* () {
      const queue = yield* Queue.unbounded<number, Cause.Done | Error>()
      yield* Queue.offer(queue, 1)
      yield* end(queue)
      yield* Queue.take(queue)
    })
    Effect.runSyncExit(program)
    forget()
    return count
  }

  it("is taken away by who shuts it down or interrupts it, once", () => {
    deepStrictEqual([taken(Queue.shutdown), taken(Queue.interrupt)], [1, 1])
  })

  it("is not by who fails it, or passes on that it was interrupted itself", () => {
    deepStrictEqual(taken(Queue.fail(new Error("no more"))), 0)
    deepStrictEqual(
      taken((queue) => Queue.into(Effect.failCause(Cause.interrupt(-1)), queue)),
      0,
    )
  })
})
