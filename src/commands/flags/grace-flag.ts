import * as Flag from "effect/cli/Flag"
import { DurationText } from "./duration-text.ts"

export const graceFlag = Flag.String("grace").pipe(
  Flag.withMetavar("DURATION"),
  Flag.withDescription("How long a lifetime may outlive its exchange, 1s by default"),
  Flag.withSchema(DurationText),
  Flag.withDefault(1000),
)
