import * as Flag from "effect/cli/Flag"

/** The names under which a server may be asked, besides `--host` and this machine's names. */
export const allowHostFlag = Flag.String("allow-host").pipe(
  Flag.withDescription(
    "More names under which it answers, comma-separated; it always answers under --host and localhost",
  ),
  Flag.withMetavar("NAMES"),
  Flag.atLeast(0),
  Flag.map((lists) =>
    lists.flatMap((list) => list.split(",").flatMap((name) => name.trim() || [])),
  ),
)
