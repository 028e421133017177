import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { ofTheFirst, ofTheProgram, watchShared } from "../shared-stream.ts"

const watch = (inScope: typeof ofTheProgram) =>
  watchShared(
    "/pubsub-of-the-first",
    (bus) =>
      Stream.fromPubSub(bus).pipe(
        Stream.toPubSub({ capacity: 16, strategy: "sliding" }),
        Effect.map((shared) => Stream.fromPubSub(shared)),
      ),
    inScope,
  )

/** The fiber that fills the PubSub shuts it down when it is interrupted. */
export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(ofTheFirst),
  fixed: watch(ofTheProgram),
}
