import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Queue, Random } from "effect"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"

interface Job {
  readonly id: number
}

/** Each job has a scope of its own, and a connection that is released with it. */
const run = Effect.fn("run")(function* ({ id }: Job) {
  yield* Effect.acquireRelease(Effect.succeed(`connection of job ${id}`), () => Effect.void)
  yield* Effect.sleep(yield* Random.nextIntBetween(5, 50))
  // Nothing owns what is started here: it outlives the job, and the program.
  if (id % 4 === 0) yield* Effect.forkDetach(report(id))
}, Effect.scoped)

const report = Effect.fn("report")(function* (id: number) {
  yield* Effect.sleep("1 minute")
  yield* Effect.log(`job ${id} is done`)
})

const program = Effect.gen(function* () {
  const jobs = yield* Queue.bounded<Job>(16)
  const worker = Effect.forever(Effect.flatMap(Queue.take(jobs), run))
  yield* Effect.forEach([1, 2, 3], () => Effect.forkScoped(worker))
  for (let id = 1; id <= 20; id++) yield* Queue.offer(jobs, { id })
  yield* Effect.sleep("1500 millis")
  yield* Effect.log("20 jobs were given out")
}).pipe(Effect.scoped, Effect.provide(layerTelemetryFromEnvironment({ serviceName: "worker" })))

NodeRuntime.runMain(program)
