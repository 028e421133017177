import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, becomesInTime, settle, sse } from "../stage.ts"

type Work = Effect.Effect<string>

/** The effect of each read runs in a fiber of its own, which nobody interrupts. */
const asReadable = (work: Work) =>
  Stream.fromReadableStream({
    evaluate: () =>
      new ReadableStream<string>({
        pull: async (controller) => controller.enqueue(await Effect.runPromise(work)),
      }),
    onError: (cause) => cause,
  })

/** The body is a stream of effects, one of which goes on when its client leaves. */
const watch = Effect.fnUntraced(function* (
  streamOf: (work: Work) => Stream.Stream<string, unknown>,
) {
  let working = 0
  let steps = 0
  let isOver = false
  const work = Effect.gen(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++working),
      () => Effect.sync(() => --working),
    )
    yield* becomes(() => steps === 0 || isOver)
    steps++
    return "step"
  }).pipe(Effect.scoped)
  const progress = Effect.fn("progress")(function* () {
    return sse(streamOf(work))
  })
  const url = yield* serve(HttpRouter.add("GET", "/effect-2828", progress()))
  const client = yield* connected(`${url}/effect-2828`)
  yield* becomes(() => steps === 1 && working === 1)
  yield* client.leave
  const right = yield* becomesInTime(() => working === 0)
  yield* settle
  isOver = true
  return right
})

export const pair: Pair = {
  report: "Effect-TS/effect#2828",
  rule: "orphan-fiber",
  broken: watch(asReadable),
  fixed: watch(Stream.fromEffectRepeat),
}
