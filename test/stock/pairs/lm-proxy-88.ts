import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Work = Fiber.Fiber<void>

/** A model goes on to write for a client that has left, for two seconds; its body stops it or waits. */
const complete = Effect.fnUntraced(function* (end: (work: Work) => Effect.Effect<unknown>) {
  let working = 0
  const generate = Effect.fn("generate")(function* (queue: Queue.Queue<string>) {
    working++
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        working--
      }),
    )
    for (let token = 0; token < 50; token++) {
      yield* Effect.delay(Queue.offer(queue, "token"), "30 millis")
    }
  }, Effect.scoped)
  const completion = Effect.fn("completion")(function* () {
    const queue = yield* Queue.sliding<string>(16)
    const work = yield* Effect.forkDetach(generate(queue))
    return sse(Stream.ensuring(Stream.fromQueue(queue), end(work)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/lm-proxy-88", completion()))
  const client = yield* connected(`${url}/lm-proxy-88`)
  yield* client.leave
  yield* settle
  const right = working === 0
  yield* Effect.sleep("1200 millis")
  return right
})

export const pair: Pair = {
  report: "lm-proxy#88",
  rule: "deferred-teardown",
  place: "completion",
  broken: complete(Fiber.await),
  fixed: complete(Fiber.interrupt),
}
