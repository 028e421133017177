import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { asking, connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, sse } from "../stage.ts"

type Connect = Effect.Effect<Queue.Queue<string>, never, Scope.Scope>

const recover = Effect.sleep("120 millis")

const events = (queue: Queue.Queue<string>) =>
  Stream.concat(Stream.make("recovered"), Stream.fromQueue(queue))

/** Only the end of the body closes what was opened before it. */
const closedByBody = Effect.fn("closedByBody")(function* (connect: Connect) {
  const own = yield* Scope.make()
  const queue = yield* Scope.provide(connect, own)
  yield* recover
  return sse(Stream.ensuring(events(queue), Scope.close(own, Exit.void)))
})

const closedByRequest = Effect.fn("closedByRequest")(function* (connect: Connect) {
  const queue = yield* connect
  yield* recover
  return sse(events(queue))
})

/** One client reads and leaves; four leave before their stream begins. */
const watch = Effect.fnUntraced(function* (
  live: (connect: Connect) => Effect.Effect<HttpServerResponse, never, Scope.Scope>,
) {
  let connections = 0
  let seen = 0
  const count = (by: number) =>
    Effect.sync(() => {
      connections += by
    })
  const connect = Effect.gen(function* () {
    seen++
    const queue = yield* Queue.sliding<string>(64)
    yield* Effect.acquireRelease(count(1), () => count(-1))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, "entry"), "40 millis")))
    return queue
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencti-12273", live(connect)))
  const reader = yield* connected(`${url}/opencti-12273`)
  yield* reader.until((it) => it.count("entry") > 0)
  yield* reader.leave
  for (let one = 0; one < 4; one++) {
    const before = seen
    const hasty = yield* asking(`${url}/opencti-12273`)
    yield* becomes(() => seen > before)
    yield* hasty.leave
  }
  yield* settle
  yield* settle
  return connections === 0
})

export const pair: Pair = {
  report: "OpenCTI-Platform/opencti#12273",
  rule: "request-scope-leak",
  broken: watch(closedByBody),
  fixed: watch(closedByRequest),
}
