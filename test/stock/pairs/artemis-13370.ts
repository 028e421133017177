import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** The fifth frame cannot be read. */
const decode = (frame: number) =>
  frame === 4 ? Effect.fail(new Error("not a frame")) : Effect.succeed(`frame ${frame}`)

/** All share one source, which goes on when all are there: a frame that cannot be read ends it for all, or is left out. */
const watch = Effect.fnUntraced(function* (read: (frame: number) => Stream.Stream<string, Error>) {
  let frame = 0
  let areThere = false
  const ticks = Stream.fromSchedule(Schedule.spaced("40 millis"))
  const source = Stream.flatMap(ticks, () => read(areThere ? ++frame : frame))
  const shared = yield* Stream.share(source, { capacity: 16 })
  const frames = Effect.fn("frames")(function* () {
    return sse(shared)
  })
  const url = yield* serve(HttpRouter.add("GET", "/artemis-13370", frames()))
  const first = yield* connected(`${url}/artemis-13370`)
  const second = yield* connected(`${url}/artemis-13370`)
  areThere = true
  const right = yield* second.until(({ events }) => events.includes("frame 6"))
  yield* first.leave
  yield* second.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "ls1intum/Artemis#13370",
  rule: "server-ended-stream",
  place: "frames",
  alone: true,
  broken: watch((frame) => Stream.fromEffect(decode(frame))),
  fixed: watch((frame) => Stream.catch(Stream.fromEffect(decode(frame)), () => Stream.empty)),
}
