import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { Changes } from "./changes.ts"

/** A process that a test has started. */
export interface Running {
  readonly child: ChildProcess
  /** All that it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Both, in the order in which they came. */
  readonly output: () => string
  /** The first group of the pattern, once the output has it; fails if the program ends without. */
  readonly written: (pattern: RegExp) => Effect.Effect<string, Error>
  /** Its exit code, once it has ended; `null` where a signal ended it. */
  readonly ended: Effect.Effect<number | null>
}

export type Variables = Readonly<Record<string, string>>

/** Programs that are started one after the other start faster where they share what was compiled. */
const NODE_COMPILE_CACHE = join(tmpdir(), "scopeline-test-compile-cache")

const checkout = fileURLToPath(new URL("../../", import.meta.url))

/** The environment of this test, without what would configure the program. */
const environment = (variables: Variables): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|OPENCODE_|FIXED_SSE$|FORCE_COLOR$)/.test(name),
  )
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", NODE_COMPILE_CACHE, ...variables }
}

const start = (
  command: string,
  words: ReadonlyArray<string>,
  variables: Variables,
  cwd: string,
): Running => {
  const child = spawn(command, words, {
    cwd,
    env: environment(variables),
    stdio: ["ignore", "pipe", "pipe"],
  })
  const changes = new Changes()
  let hasEnded = false
  const closed = once(child, "close").then(() => {
    hasEnded = true
    changes.tell()
  })
  const texts = { stdout: "", stderr: "", both: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text
      texts.both += text
      changes.tell()
    })
  }
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    output: () => texts.both,
    written: (pattern) =>
      Effect.gen(function* () {
        yield* changes.until(() => hasEnded || pattern.test(texts.both))
        const found = pattern.exec(texts.both)
        if (found === null) return yield* Effect.fail(new Error(`it ended: ${texts.both}`))
        return found[1] ?? found[0]
      }),
    ended: Effect.promise(() => closed.then(() => child.exitCode)),
  }
}

/** Runs a program, ended with the scope if it has not ended by itself. */
export const runningProgram = (
  command: string,
  words: ReadonlyArray<string>,
  variables: Variables = {},
  cwd: string = checkout,
) =>
  Effect.acquireRelease(
    Effect.sync(() => start(command, words, variables, cwd)),
    ({ child, ended }) =>
      Effect.andThen(
        Effect.sync(() => child.kill("SIGKILL")),
        ended,
      ),
  )

/** Runs the command line, as `scopeline` with these words. */
export const scopeline = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  runningProgram(process.execPath, ["bin/scopeline.js", ...words], variables)

/** `scopeline serve` on a free port, listening. */
export const served = Effect.fnUntraced(function* (
  words: ReadonlyArray<string> = [],
  variables: Variables = {},
) {
  const server = yield* scopeline(["serve", "--port", "0", ...words], variables)
  const port = Number(yield* server.written(/Listening on http:\S+:(\d+)/))
  return { ...server, port, address: `http://127.0.0.1:${port}` }
})
