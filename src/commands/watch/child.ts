import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { UsageError } from "../failure.ts"
import { StopRequests } from "../stop.ts"
import type { Output } from "../terminal/output.ts"
import { ProcessStreams } from "../terminal/process-streams.ts"

interface ChildOptions {
  readonly command: ReadonlyArray<string>
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Whether its output leaves standard output free for others. */
  readonly isQuiet: boolean
}

/** A program that was started. */
export interface Child {
  readonly pid: number | undefined
  /** Its exit code, as a shell says it: a signal is 128 and its number. */
  readonly ended: Effect.Effect<number>
  /** Succeeds once it was asked to stop. */
  readonly asked: Effect.Effect<void>
  readonly wasAsked: () => boolean
}

/** It has a separate group, if the platform has groups: a signal reaches everything that it starts. */
const hasGroup = process.platform !== "win32"

/** How long the rest of its group may take to end after it, once it was asked to stop. */
const patience = 2_000

/**
 * One Ctrl-C may arrive twice, from the terminal and from npm: within so many milliseconds it counts as one.
 */
const repeated = 300

/** Starts a program. The signals of this process go to its group. It ends with the scope. */
export const startChild = Effect.fnUntraced(function* (options: ChildOptions) {
  const streams = yield* ProcessStreams
  const { forward } = yield* StopRequests
  const [file = ""] = options.command
  const started = yield* Deferred.make<void, UsageError>()
  const ended = yield* Deferred.make<number>()
  const asked = yield* Deferred.make<void>()
  let askedAt: number | undefined
  const child = spawnChild(options, streams)
  child.once("spawn", () => Deferred.doneUnsafe(started, Effect.void))
  child.once("error", (cause) => {
    const reason =
      "code" in cause && cause.code === "ENOENT" ? "there is no such program" : cause.message
    const failure = new UsageError({ message: `Cannot start ${file}: ${reason}.` })
    Deferred.doneUnsafe(started, Effect.fail(failure))
  })
  child.once("exit", (code, signal) => {
    Deferred.doneUnsafe(ended, Effect.succeed(exitCodeOf(code, signal)))
  })
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      forward((signal) => {
        if (signal === "SIGWINCH") return void send(child, signal)
        const now = performance.now()
        askedAt ??= now
        Deferred.doneUnsafe(asked, Effect.void)
        // A second request means it.
        send(child, now - askedAt > repeated ? "SIGKILL" : signal)
      }),
    ),
    (stop) => Effect.sync(stop),
  )
  yield* Effect.addFinalizer(() => Effect.promise(() => endGroup(child, askedAt !== undefined)))
  yield* Deferred.await(started)
  return {
    pid: child.pid,
    ended: Deferred.await(ended).pipe(
      Effect.tap(() =>
        askedAt === undefined ? Effect.void : Effect.promise(() => endGroup(child, true)),
      ),
    ),
    asked: Deferred.await(asked),
    wasAsked: () => askedAt !== undefined,
  }
})

const spawnChild = (
  { command, variables, isQuiet }: ChildOptions,
  { stdin, stdout, stderr }: ProcessStreams["Service"],
): ChildProcess => {
  const [file = "", ...words] = command
  const out = isQuiet ? stderr : stdout
  const child = spawn(file, words, {
    env: variables,
    stdio: [hasDescriptor(stdin()) ? "inherit" : "ignore", stdioOf(out), stdioOf(stderr)],
    detached: hasGroup,
    shell: !hasGroup, // npm is a script there
  })
  child.stdout?.pipe(out, { end: false })
  child.stderr?.pipe(stderr, { end: false })
  return child
}

/** Unchanged if it is the folder of this process. */
const stdioOf = (output: Output) => (hasDescriptor(output) ? output : "pipe")

const hasDescriptor = (stream: object): boolean => "fd" in stream && typeof stream.fd === "number"

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])

/** To its group, or to the process if there are no groups. Returns whether anything of it was there. */
const send = (child: ChildProcess, signal: NodeJS.Signals | 0): boolean => {
  const { pid } = child
  if (pid === undefined) return false
  if (!hasGroup) return child.kill(signal)
  try {
    return process.kill(-pid, signal)
  } catch {
    return false // it is gone
  }
}

/** Ends what is left of the group. If it was asked to end already, it gets time first. */
const endGroup = async (child: ChildProcess, isAsked: boolean): Promise<void> => {
  if (!hasGroup) return void child.kill()
  if (isAsked && (await isGone(child, patience))) return
  send(child, "SIGTERM")
  if (!(await isGone(child, patience))) send(child, "SIGKILL")
}

/** Whether the group is gone within so many milliseconds. */
const isGone = async (child: ChildProcess, millis: number): Promise<boolean> => {
  const until = performance.now() + millis
  while (send(child, 0)) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}
