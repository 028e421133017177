// A PubSub without HTTP: what is published, and taken by those who wait for it.
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import { answer } from "../child.ts"
import { cpuMillis } from "../usage.ts"
import { tracingNamed } from "./tracing.ts"

const subscribers = 10
const messages = 20_000
const atOnce = 10

const taken = (subscription: PubSub.Subscription<number>) =>
  Effect.gen(function* () {
    let left = messages
    while (left > 0) left -= (yield* PubSub.takeAll(subscription)).length
  })

const round = Effect.scoped(
  Effect.gen(function* () {
    const pubsub = yield* PubSub.unbounded<number>()
    for (let count = 0; count < subscribers; count++) {
      yield* Effect.forkScoped(taken(yield* PubSub.subscribe(pubsub)))
    }
    for (let message = 1; message <= messages; message++) {
      yield* PubSub.publish(pubsub, message)
      if (message % atOnce === 0) yield* Effect.yieldNow
    }
    yield* Effect.yieldNow
  }),
)

const program = Effect.gen(function* () {
  const context = yield* Effect.context<never>()
  answer({
    /** Nanoseconds of CPU time for each message that was taken. */
    round: async () => {
      const before = cpuMillis()
      await Effect.runPromiseWith(context)(round)
      return ((cpuMillis() - before) * 1e6) / (messages * subscribers)
    },
  })
  yield* Effect.callback<void>((resume) => {
    process.once("disconnect", () => resume(Effect.void))
  })
})

await program.pipe(
  Effect.provide(tracingNamed(process.env.BENCH_TRACING).layer),
  Effect.scoped,
  Effect.runPromise,
)
process.exit(0)
