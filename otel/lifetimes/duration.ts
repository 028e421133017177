import * as Duration from "effect/Duration"
import { fromMillis, type Micros } from "./time.ts"

// Apart from the other times, which a browser loads too: it has no Effect.

/** From what an option of time takes, where a number is milliseconds. */
export const fromDuration = (duration: Duration.Input): Micros =>
  fromMillis(Duration.toMillis(duration))
