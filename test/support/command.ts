import { PassThrough, type Readable, Writable } from "node:stream"
import { Effect } from "effect"
import { main } from "../../src/main.ts"
import { addressed, cleanVariables, type Running, type Variables, Writing } from "./running.ts"

/** What surrounds a command line in a test; it prints into a pipe where no terminal is given. */
export interface Surroundings {
  readonly variables?: Variables
  readonly terminal?: { readonly columns: number }
  readonly stdin?: Readable
}

/** Standard output or standard error of a command, whose texts a test keeps. */
const outputTo = (add: (text: string) => void, terminal: Surroundings["terminal"]) => {
  const output = new Writable({
    decodeStrings: false,
    write: (text: string, _, done) => {
      add(text)
      done()
    },
  })
  return terminal === undefined ? output : Object.assign(output, { isTTY: true, ...terminal })
}

/** Starts a command in this process. */
const start = (
  words: ReadonlyArray<string>,
  { variables = {}, terminal, stdin = new PassThrough() }: Surroundings,
): Running => {
  const writing = new Writing()
  const listeners = new Set<(signal: NodeJS.Signals) => void>()
  let asked: NodeJS.Signals | undefined
  const listen = (listener: (signal: NodeJS.Signals) => void) => {
    listeners.add(listener)
    if (asked !== undefined) listener(asked) // by a test that was over before the command had begun
    return () => listeners.delete(listener)
  }
  const code = main({
    words,
    variables: cleanVariables(variables),
    stdin: () => stdin,
    stdout: outputTo((text) => writing.add("stdout", text), terminal),
    stderr: outputTo((text) => writing.add("stderr", text), terminal),
    heap: { keepSmall: () => {}, keepModest: () => {} },
    stopRequests: { listen, forward: listen },
  }).finally(() => writing.end())
  return {
    ...writing.shown,
    ended: Effect.promise(() => code),
    signal: (signal) => {
      asked = signal
      for (const listener of [...listeners]) listener(signal)
    },
  }
}

/** Runs a command in this process, asked to stop with the scope if it has not ended by itself. */
export const scopeline = (words: ReadonlyArray<string>, surroundings: Surroundings = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => start(words, surroundings)),
    ({ signal, ended }) =>
      Effect.andThen(
        Effect.sync(() => signal("SIGTERM")),
        ended,
      ),
  )

const piece = 64 * 1024

/** Feeds a command's standard input, as a pipe would; done once nearly all of it has been read. */
export const feed = (stdin: Writable, text: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (let from = 0; from < text.length; from += piece) {
      await new Promise((resolve) => stdin.write(text.slice(from, from + piece), resolve))
    }
  })

/** `scopeline serve` in this process, on a free port, listening. */
export const served = (words: ReadonlyArray<string> = [], variables: Variables = {}) =>
  Effect.flatMap(scopeline(["serve", "--port", "0", ...words], { variables }), addressed)

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command in this process to its end. */
export const runCommand = async (
  words: ReadonlyArray<string>,
  surroundings: Surroundings = {},
): Promise<Ended> => {
  const { ended, stdout, stderr } = start(words, surroundings)
  const code = await Effect.runPromise(ended)
  return { code, stdout: stdout(), stderr: stderr() }
}
