import { Effect } from "effect"
import { runningProgram, type Variables } from "../support/process.ts"
import { entrypoint } from "./dockerfile.ts"

/** The image's entry point, run in the checkout: what a container would run, without one. */
export const running = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  runningProgram(process.execPath, [...entrypoint.slice(1), ...words], variables)

/** A server that is started as a container would start it, but on a free port. */
export const serving = Effect.fnUntraced(function* (
  words: ReadonlyArray<string>,
  variables: Variables = {},
) {
  const server = yield* running([...words, "--port", "0"], variables)
  const port = yield* server.written(/Listening on http:\S+:(\d+)/)
  return { ...server, port, address: `http://127.0.0.1:${port}` }
})

/** The port that the program serves on when it is not told one, whether that is free or taken. */
export const defaultPort = Effect.scoped(
  Effect.flatMap(running(["serve"]), (server) => server.written(/\b(\d{4,5})\b/)),
)
