import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { ofTheFirst, ofTheProgram, watchShared } from "../shared-stream.ts"

const watch = (inScope: typeof ofTheProgram) =>
  watchShared(
    "/share-of-the-first",
    (bus) => Stream.share(Stream.fromPubSub(bus), { capacity: 16, strategy: "sliding" }),
    inScope,
  )

/** `Stream.share` belongs to the scope in which it was called, whoever reads it. */
export const pair: Pair = {
  report: "Effect-TS/effect#3187",
  rule: "upstream-bound-to-first-consumer",
  broken: watch(ofTheFirst),
  fixed: watch(ofTheProgram),
}
