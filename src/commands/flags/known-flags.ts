import * as Flag from "effect/cli/Flag"

/** What a command is told of findings that are known. */
export const knownFlags = {
  known: Flag.String("known").pipe(
    Flag.withDescription(
      "Findings that are known and accepted, a JSON file: they are listed with their reason, and do not fail the command",
    ),
    Flag.withMetavar("FILE"),
    Flag.optional,
  ),
  writeKnown: Flag.Boolean("write-known").pipe(
    Flag.withDescription("Add what is found to the file of --known, or make that file"),
    Flag.withDefault(false),
  ),
}
