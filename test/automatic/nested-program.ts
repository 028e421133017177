import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { outcome } from "../instrument/outcome.ts"

/** Something that a program does around the rest of itself. */
export const Around = Schema.Literals([
  "scoped",
  "forked scope",
  "parallel finalizers",
  "failing finalizer",
  "stream",
  "timeout",
  "race",
  "child fiber",
  "forked in a scope",
  "uninterruptible",
  "catch",
  "span",
  "function",
])

/** How the innermost part of a program ends. */
export const Ending = Schema.Literals(["success", "failure", "defect", "interrupt", "never"])

type Log = (what: string) => Effect.Effect<void>
type Part = Effect.Effect<unknown, unknown, Scope.Scope>
type Wrap = (rest: Part, log: Log) => Part

const finalizer = (log: Log, name: string, pause: number = 0) =>
  Effect.addFinalizer((exit) =>
    log(`${name} ${JSON.stringify(outcome(exit))}`).pipe(
      Effect.andThen(Effect.sleep(pause)),
      Effect.andThen(log(`${name} done`)),
    ),
  )

const wraps: Readonly<Record<typeof Around.Type, Wrap>> = {
  scoped: (rest, log) =>
    Effect.scoped(
      finalizer(log, "first").pipe(
        Effect.andThen(finalizer(log, "second", 5)),
        Effect.andThen(rest),
      ),
    ),
  "forked scope": (rest, log) =>
    Effect.gen(function* () {
      const fork = yield* Scope.fork(yield* Effect.scope)
      return yield* finalizer(log, "forked").pipe(Effect.andThen(rest), Scope.provide(fork))
    }),
  "parallel finalizers": (rest, log) =>
    Effect.acquireUseRelease(
      Scope.make("parallel"),
      (scope) =>
        finalizer(log, "slow", 10).pipe(
          Effect.andThen(finalizer(log, "fast", 1)),
          Effect.andThen(rest),
          Scope.provide(scope),
        ),
      Scope.close,
    ),
  "failing finalizer": (rest, log) =>
    Effect.scoped(
      Effect.addFinalizer(() => Effect.andThen(log("fails"), Effect.die("finalizer"))).pipe(
        Effect.andThen(rest),
      ),
    ),
  stream: (rest, log) =>
    Stream.make(1, 2).pipe(
      Stream.mapEffect(() => Effect.scoped(Effect.andThen(finalizer(log, "element"), rest))),
      Stream.onExit((exit) => log(`stream ${exit._tag}`)),
      Stream.runDrain,
    ),
  timeout: (rest) => Effect.timeoutOption(rest, "20 millis"),
  race: (rest, log) =>
    Effect.race(rest, Effect.scoped(Effect.andThen(finalizer(log, "racer"), Effect.sleep(15)))),
  "child fiber": (rest) => Effect.flatMap(Effect.forkChild(rest), Fiber.join),
  "forked in a scope": (rest, log) =>
    Effect.scoped(
      Effect.andThen(Effect.forkScoped(rest), Effect.andThen(log("forked"), Effect.sleep(3))),
    ),
  uninterruptible: (rest) => Effect.uninterruptibleMask((restore) => restore(Effect.asVoid(rest))),
  catch: (rest, log) => Effect.catch(rest, (error) => log(`caught ${String(error)}`)),
  span: (rest) => Effect.withSpan(rest, "span"),
  function: (rest) =>
    Effect.fn("function")(function* () {
      return yield* rest
    })(),
}

const endings: Readonly<Record<typeof Ending.Type, Part>> = {
  success: Effect.succeed("done"),
  failure: Effect.fail("failed"),
  defect: Effect.die("defect"),
  interrupt: Effect.interrupt,
  never: Effect.never,
}

/** What a program does, in order, that is nested as deep as there are parts around its end. */
export const logOf = (
  around: ReadonlyArray<typeof Around.Type>,
  ending: typeof Ending.Type,
): readonly [program: Effect.Effect<unknown, unknown>, log: ReadonlyArray<string>] => {
  const lines: Array<string> = []
  const program = around.reduceRight<Part>(
    (rest, name, depth) =>
      wraps[name](rest, (what) => Effect.sync(() => lines.push(`${depth} ${what}`))),
    endings[ending],
  )
  return [Effect.scoped(program), lines]
}
