import { Effect } from "effect"
import type { Running } from "./running.ts"

/** Signals reach a process, instead of ending it at once, on POSIX systems alone. */
export const signalsReachProcesses = process.platform !== "win32"

if (!signalsReachProcesses) console.info("skipped: signals, because Windows has none")

/** Asks a process or a command to stop; gives its exit code and the milliseconds that it took. */
export const stop = Effect.fnUntraced(function* (
  { signal: send, ended }: Running,
  signal: "SIGTERM" | "SIGINT" = "SIGTERM",
) {
  const start = performance.now()
  send(signal)
  const code = yield* ended
  return { code, millis: performance.now() - start }
})
