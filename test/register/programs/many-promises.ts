/** Many effects, each run by itself. */
import { Effect, Queue, Ref } from "effect"

const counted = await Effect.runPromise(Ref.make(0))
const work = (index: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Ref.update(counted, (count) => count + 1))
      const queue = yield* Queue.unbounded<number>()
      yield* Effect.forkChild(Queue.offer(queue, index))
      return yield* Queue.take(queue)
    }),
  ).pipe(Effect.withSpan("work"))

const all = await Promise.all(
  Array.from({ length: 200 }, (_, index) => Effect.runPromise(work(index))),
)
console.log(
  all.reduce((sum, index) => sum + index, 0),
  Effect.runSync(Ref.get(counted)),
)
await Effect.runPromise(Effect.logInfo("done"))
await Effect.runPromise(Effect.fail(new Error("no good"))).catch(({ message }) =>
  console.log(message),
)
process.exit(3)
