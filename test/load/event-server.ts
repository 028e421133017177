import { Effect, type Scope } from "effect"
import { start } from "../../bench/child.ts"
import { openLifetimes } from "../support/event-server.ts"

type Question = "heap" | "descriptors" | "mostResident"

export interface EventServerProcess {
  readonly port: number
  readonly address: string
  readonly ask: (question: Question) => Effect.Effect<number>
}

/** The event server with its fixed stream, in a process of its own. */
export const eventServerProcess = (
  variables: Readonly<Record<string, string>> = {},
): Effect.Effect<EventServerProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => start("../test/load/event-server-process.ts", variables)),
    ({ stop }) => Effect.promise(stop),
  ).pipe(
    Effect.flatMap(({ ask }) =>
      Effect.promise(async () => {
        const port = await ask("port")
        return {
          port,
          address: `http://127.0.0.1:${port}`,
          ask: (question: Question) => Effect.promise(() => ask(question)),
        }
      }),
    ),
  )

/** How much is open in a server beside its application. */
export const held = (address: string) =>
  Effect.map(
    openLifetimes(address),
    ({ exchanges, scopes, subscriptions, streams, fibers, orphans }) =>
      exchanges.length +
      scopes.filter(({ role }) => role !== "application").length +
      subscriptions.length +
      streams.length +
      fibers.length +
      orphans.length,
  )

/** How much is still open when that has come down to `target`, or when 20 s have passed. */
export const heldInTheEnd = (address: string, target = 0) =>
  Effect.gen(function* () {
    const end = performance.now() + 20_000
    let left = yield* held(address)
    while (left > target && performance.now() < end) {
      yield* Effect.sleep("20 millis")
      left = yield* held(address)
    }
    return left
  })
