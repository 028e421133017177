import * as Flag from "effect/cli/Flag"

export const jsonFlag = (description = "Print one JSON document") =>
  Flag.Boolean("json").pipe(Flag.withDescription(description), Flag.withDefault(false))
