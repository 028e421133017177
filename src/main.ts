import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import packageJson from "../package.json" with { type: "json" }
import { endingOf } from "./commands/ending.ts"
import { type Invocation, layerOf } from "./commands/invocation.ts"
import { beginsWithCommand, scopeline } from "./commands/scopeline.ts"
import { keepFailureOf } from "./commands/terminal/output.ts"
import { ofProcess } from "./process.ts"

/** Runs a command. Gives its exit code as soon as everything that it printed has left. */
export const main = async (invocation: Invocation): Promise<number> => {
  const { stdout, stderr } = invocation
  const words = withHelpFlag(invocation.words)
  const [flushStdout, flushStderr] = [keepFailureOf(stdout), keepFailureOf(stderr)]
  const exit = await Command.runWith(scopeline, { version: packageJson.version })(words).pipe(
    Effect.provide(layerOf(invocation)),
    Effect.runPromiseExit,
  )
  const { code, message } = endingOf(exit)
  if (message !== undefined) stderr.write(`${message}\n`)
  const failure = await flushStdout()
  if (failure !== undefined) stderr.write(`The output could not be written: ${failure.message}\n`)
  await flushStderr()
  return failure === undefined ? code : Math.max(code, 1)
}

/** `help diagnose` is `diagnose --help`. A mistyped command is a mistake after `help`, too. */
const withHelpFlag = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, ...others] = words
  if (first !== "help") return words
  return others.length === 0 || beginsWithCommand(others) ? [...others, "--help"] : others
}

/** Runs the command of this process and ends it: a handle that was left open does not keep it. */
export const runProcess = async (): Promise<never> => process.exit(await main(ofProcess))

if (import.meta.main) await runProcess()
