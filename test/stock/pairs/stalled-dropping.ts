import * as PubSub from "effect/PubSub"
import type { Pair } from "../pair.ts"
import { repaired } from "../stalling.ts"

export const pair: Pair = repaired("/stalled-dropping", PubSub.dropping<string>(64))
