import * as Duration from "effect/Duration"
import { fromMillis, type Micros } from "./time.ts"

// Separate from the other times: a browser loads those, and has no Effect.

/** Reads an option of time, in which a number is milliseconds. */
export const fromDuration = (duration: Duration.Input): Micros =>
  fromMillis(Duration.toMillis(duration))
