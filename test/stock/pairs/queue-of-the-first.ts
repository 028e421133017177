import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Made = Effect.Effect<Queue.Queue<string>, never, Scope.Scope>

/** Workers share a queue of jobs, which is interrupted with the first of them or with the program. */
const work = Effect.fnUntraced(function* (make: (making: Made, program: Scope.Scope) => Made) {
  const program = yield* Effect.scope
  const makeQueue = Effect.gen(function* () {
    const queue = yield* Effect.acquireRelease(Queue.unbounded<string>(), Queue.interrupt)
    const fill = Effect.delay(Queue.offer(queue, "job"), "30 millis")
    yield* Effect.forkIn(Effect.forever(fill), program)
    return queue
  })
  let jobs: Queue.Queue<string> | undefined
  const worker = Effect.fn("worker")(function* () {
    jobs ??= yield* make(makeQueue, program)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(jobs)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/queue-of-the-first", worker()))
  const first = yield* connected(`${url}/queue-of-the-first`)
  const second = yield* connected(`${url}/queue-of-the-first`)
  yield* second.until((it) => it.count("job") > 0)
  yield* first.leave
  const { length } = second.events
  yield* second.until(({ events, end }) => events.length > length + 2 || end !== "open")
  const right = second.end === "open"
  yield* second.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  place: "worker",
  broken: work((making) => making),
  fixed: work((making, program) => Scope.provide(making, program)),
}
