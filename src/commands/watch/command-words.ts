import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import { UsageError } from "../failure.ts"

/** Without `--` nothing tells which flags are those of the program. */
export const refuseFlagsWithoutSeparator = Effect.fnUntraced(function* (
  command: ReadonlyArray<string>,
) {
  const { args } = yield* Stdio.Stdio
  const words = yield* args
  const [program = ""] = command
  const at = words.indexOf(program)
  const [own, after] = [words.slice(0, at), words.slice(at)]
  if (at === -1 || words.includes("--") || !after.some((word) => word.startsWith("-"))) return
  const message = `Write -- before your command: scopeline ${[...own, "--", ...after].join(" ")}. Flags before it are those of scopeline.`
  return yield* new UsageError({ message })
})
