import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { addressed, cleanVariables, type Running, type Variables, Writing } from "./running.ts"

/** A process that a test has started. */
export interface Process extends Running {
  readonly child: ChildProcess
}

const checkout = fileURLToPath(new URL("../../", import.meta.url))

const start = (
  command: string,
  words: ReadonlyArray<string>,
  variables: Variables,
  cwd: string,
): Process => {
  const child = spawn(command, words, {
    cwd,
    env: cleanVariables({ NO_COLOR: "1", ...variables }),
    stdio: ["ignore", "pipe", "pipe"],
  })
  const writing = new Writing()
  const closed = once(child, "close").then(() => writing.end())
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => writing.add(name, text))
  }
  return {
    ...writing.shown,
    child,
    ended: Effect.promise(() => closed.then(() => child.exitCode)),
    signal: (signal) => child.kill(signal),
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

/** Runs the command line in a process of its own, as `scopeline` with these words. */
export const scopelineProcess = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  runningProgram(process.execPath, ["bin/scopeline.js", ...words], variables)

/** `scopeline serve` in a process of its own, on a free port, listening. */
export const servedProcess = (words: ReadonlyArray<string> = [], variables: Variables = {}) =>
  Effect.flatMap(scopelineProcess(["serve", "--port", "0", ...words], variables), addressed)
