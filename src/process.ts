import { setFlagsFromString } from "node:v8"
import type { Heap } from "./commands/heap.ts"
import type { Invocation } from "./commands/invocation.ts"
import type { StopRequests } from "./commands/stop.ts"

const signals = ["SIGINT", "SIGTERM"] as const

/** The signals that terminals and process managers send, and the one for a new size of the terminal. */
const forwarded: ReadonlyArray<NodeJS.Signals> = [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
  "SIGWINCH",
  ...(process.platform === "win32" ? [] : (["SIGQUIT"] as const)),
]

/** Under `npm run` a signal ends npm's shell, which does not pass it on: losing it is a request to stop. */
const whenOrphaned = (listener: () => void): (() => void) => {
  const parent = process.ppid
  const stop = () => clearInterval(orphaned)
  const orphaned = setInterval(() => {
    if (process.ppid === parent || process.env.npm_lifecycle_event === undefined) return
    stop()
    listener()
  }, 250)
  return stop
}

/**
 * The signals of this process. A second one ends it at once, with the exit code that shells expect of
 * a process ended by that signal.
 */
const stopRequests: StopRequests["Service"] = {
  listen: (listener) => {
    let asked = false
    const onSignal = (_: string, number: number) => {
      if (asked) process.exit(128 + number)
      asked = true
      listener()
    }
    for (const signal of signals) process.on(signal, onSignal)
    const stopOrphan = whenOrphaned(listener)
    return () => {
      stopOrphan()
      for (const signal of signals) process.removeListener(signal, onSignal)
    }
  },
  forward: (to) => {
    for (const signal of forwarded) process.on(signal, to)
    const stopOrphan = whenOrphaned(() => to("SIGTERM"))
    return () => {
      stopOrphan()
      for (const signal of forwarded) process.removeListener(signal, to)
    }
  },
}

/**
 * By default the heap of V8 may grow to four times of what is in use before a full collection, and the space
 * for new objects gets larger and larger.
 */
const growBy = (percent: number) => () => {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
  setFlagsFromString("--semi-space-growth-factor=1")
}

const heap: Heap["Service"] = { keepSmall: growBy(10), keepModest: growBy(100) }

/** The command line of this process. */
export const ofProcess: Invocation = {
  words: process.argv.slice(2),
  variables: process.env,
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stopRequests,
  heap,
}
