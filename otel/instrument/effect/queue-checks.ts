/** Whether the seam sees queues: who makes, fills and awaits them, what waits in them, and how they end. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import {
  type AnyQueue,
  capacityOf,
  isOpen,
  meetQueues,
  observeQueue,
  observeSliding,
  sizeOf,
  takenWhileAwaited,
} from "./meeting-queues.ts"

export const queues: Effect.Effect<boolean> = Effect.gen(function* () {
  const told: Array<string> = []
  const forget = meetQueues({
    made: (_, queue) => {
      told.push("made")
      observeQueue(queue, {
        awaited: () => told.push("awaited"),
        offered: (fiber) => told.push(fiber === undefined ? "offered by nobody" : "offered"),
        ended: () => {},
      })
    },
    takenAway: () => told.push("taken away"),
    refused: () => told.push("refused"),
  })
  const ending = yield* Queue.sliding<number>(4)
  observeSliding(ending, () => told.push("slides"))
  yield* Queue.offer(ending, 1)
  const isLooked = sizeOf(ending) === 1 && capacityOf(ending) === 4 && isOpen(ending)
  yield* Queue.interrupt(ending)
  yield* Queue.take(ending)
  yield* Effect.exit(Queue.take(ending))
  const queue = yield* Queue.unbounded<number>()
  const awaiting = Effect.onExit(Queue.take(queue), (exit) =>
    Effect.sync(() => told.push(`${exit._tag} ${isToldBy(queue, exit)}`)),
  )
  yield* Effect.forkDetach(awaiting, { startImmediately: true })
  yield* Queue.shutdown(queue)
  const refused = yield* Effect.exit(Queue.take(queue))
  forget()
  return (
    isLooked &&
    !isOpen(ending) &&
    capacityOf(queue) === undefined &&
    Exit.isFailure(refused) &&
    told.join().startsWith("made,slides,offered,") &&
    told.filter((what) => what === "taken away").length === 2 &&
    told.join().includes("refused,made,awaited,taken away,") &&
    told.includes("Failure true") &&
    told.at(-1) === "refused"
  )
})

const isToldBy = (queue: AnyQueue, exit: Exit.Exit<unknown>): boolean => {
  const [reason] = exit._tag === "Failure" ? exit.cause.reasons : []
  return reason?._tag === "Interrupt" && takenWhileAwaited({ reason }) === queue
}
