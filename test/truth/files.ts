/** Sources that come to an end by themselves. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { World } from "./world.ts"

/** Reads the first row ahead, as for a response that depends on it. */
export const rows = Effect.fnUntraced(function* (world: World, client: number, count: number) {
  const entry = yield* world.ledger.scoped("cursor", client)
  let row = 0
  const next = Effect.suspend(() =>
    entry.released
      ? Effect.fail(new Error("the cursor is closed"))
      : Effect.succeed(`part ${row++}`),
  )
  return Stream.take(Stream.rechunk(Stream.fromEffectRepeat(next), 1), count)
})

export const numbered = (count: number, every: number): Stream.Stream<string> => {
  const all = Stream.fromIterable(Array.from({ length: count }, (_, index) => `part ${index}`))
  return every === 0 ? all : Stream.tap(Stream.rechunk(all, 1), () => Effect.sleep(every))
}

export const fill = Effect.fnUntraced(function* (
  queue: Queue.Queue<string, Error | Cause.Done>,
  count: number,
  ends: "end" | "shutdown" | "fail",
) {
  for (let index = 0; index < count; index++) {
    yield* Queue.offer(queue, `part ${index}`)
    yield* Effect.sleep("2 millis")
  }
  switch (ends) {
    case "end":
      return yield* Queue.end(queue)
    case "fail":
      return yield* Queue.fail(queue, new Error("the file is damaged"))
    case "shutdown":
      return yield* Queue.shutdown(queue)
  }
})
