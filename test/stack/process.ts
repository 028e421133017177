import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { Effect } from "effect"
import { entrypoint } from "./dockerfile.ts"
import { repository } from "./repository.ts"

/** The image's entry point, run in the checkout: what a container would run, without one. */
export interface Running {
  readonly child: ChildProcess
  /** All that it has written so far. */
  readonly output: () => string
  /** The first group of the pattern, once the output has it; fails if the program ends without. */
  readonly written: (pattern: RegExp) => Effect.Effect<string, Error>
  /** Its exit code, once it has ended. */
  readonly ended: Effect.Effect<number | null>
}

type Variables = Readonly<Record<string, string>>

/** The environment of this test, without what would configure the program. */
const environment = (variables: Variables): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("OTEL_") && name !== "FIXED_SSE" && name !== "FORCE_COLOR",
  )
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...variables }
}

const start = (words: ReadonlyArray<string>, variables: Variables): Running => {
  const child = spawn(process.execPath, [...entrypoint.slice(1), ...words], {
    cwd: repository,
    env: environment(variables),
    stdio: ["ignore", "pipe", "pipe"],
  })
  const chunks: Array<Buffer> = []
  const checks = new Set<() => void>()
  const output = () => Buffer.concat(chunks).toString("utf8")
  const closed = once(child, "close")
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk)
      for (const check of checks) check()
    })
  }
  return {
    child,
    output,
    written: (pattern) =>
      Effect.callback((resume) => {
        const check = () => {
          const found = pattern.exec(output())
          if (found !== null) resume(Effect.succeed(found[1] ?? found[0]))
        }
        checks.add(check)
        closed.then(() => resume(Effect.fail(new Error(`it ended: ${output()}`))))
        check()
        return Effect.sync(() => checks.delete(check))
      }),
    ended: Effect.promise(() => closed.then(() => child.exitCode)),
  }
}

/** Ended with the scope, if it has not ended by itself. */
export const running = (words: ReadonlyArray<string>, variables: Variables = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => start(words, variables)),
    ({ child, ended }) =>
      Effect.andThen(
        Effect.sync(() => child.kill("SIGKILL")),
        ended,
      ),
  )

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
