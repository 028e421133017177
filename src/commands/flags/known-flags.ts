import * as Flag from "effect/cli/Flag"

/** Flags about known findings. */
export const knownFlags = {
  known: Flag.String("known").pipe(
    Flag.withDescription(
      "A JSON file with findings that you accept: they are listed with their reason, and do not fail the command",
    ),
    Flag.withMetavar("FILE"),
    Flag.optional,
  ),
  writeKnown: Flag.Boolean("write-known").pipe(
    Flag.withDescription("Add the findings to the file of --known, or make that file"),
    Flag.withDefault(false),
  ),
}
