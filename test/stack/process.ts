import { Effect } from "effect"
import { scopeline } from "../support/command.ts"
import { runningProgram } from "../support/process.ts"
import { addressed, type Variables } from "../support/running.ts"
import { entrypoint } from "./dockerfile.ts"

/** What the image's entry point would run in a container, in this process. */
export const running = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  scopeline(words, { variables })

const onFreePort = (words: ReadonlyArray<string>) => [...words, "--port", "0"]

/** A server that is started as a container would start it, but on a free port. */
export const serving = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  Effect.flatMap(running(onFreePort(words), variables), addressed)

/** The same by the image's entry point, in a process of its own. */
export const servingProcess = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  Effect.flatMap(
    runningProgram(process.execPath, [...entrypoint.slice(1), ...onFreePort(words)], variables),
    addressed,
  )

/** The port that the program serves on when it is not told one, whether that is free or taken. */
export const defaultPort = Effect.scoped(
  Effect.flatMap(running(["serve"]), (server) => server.written(/\b(\d{4,5})\b/)),
)
