import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { inScopeOfPost, inScopeOfProgram, posted } from "../posted.ts"
import { ticking } from "../stage.ts"

/** A PubSub that something publishes to as long as the program runs. */
const makeTopic = Effect.gen(function* () {
  const topic = yield* Effect.acquireRelease(PubSub.sliding<string>(16), PubSub.shutdown)
  return Effect.as(ticking(topic, "tick", 20), Stream.fromPubSub(topic))
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: posted("/pubsub-of-a-post", makeTopic, inScopeOfPost),
  fixed: posted("/pubsub-of-a-post", makeTopic, inScopeOfProgram),
}
