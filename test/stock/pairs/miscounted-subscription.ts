import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { watchedInTurn } from "../counting.ts"
import type { Pair } from "../pair.ts"

/** Requests take turns in reading one subscription; it is closed with the first of them, or with the last. */
const watch = (isOver: (readers: number) => boolean) =>
  watchedInTurn(
    "/miscounted-subscription",
    (bus) => Effect.map(PubSub.subscribe(bus), (it) => Stream.fromSubscription(it)),
    isOver,
  )

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(() => true),
  fixed: watch((readers) => readers === 0),
}
