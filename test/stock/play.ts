/** Plays programs in this process; writes of each whether it did what it is there for. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Program } from "./pair.ts"
import { type Play, type Played, playIn, programOf, wordOf } from "./plays.ts"
import { runMillis } from "./running-time.ts"
import { asWebHandler, onNode, Serving } from "./serving.ts"
import { graceMillis } from "./stage.ts"

const [, , place, ...words] = process.argv

/** Where spans go to under the Layer; under register that is in the environment. */
const collector = process.env.STOCK_COLLECTOR

/** What a program has around it: nothing, or the Layer with a service of its own. */
const telemetry = async (play: Play) => {
  if (collector === undefined) return Effect.succeed(Context.empty())
  // A program under register loads nothing of this.
  const { layerTelemetry } = await import("../../otel/index.ts")
  const { buildAlone, isolatedSettings } = await import("../../src/probe/isolated.ts")
  const settings = isolatedSettings(collector, wordOf(play))
  return buildAlone(layerTelemetry(settings, { grace: `${graceMillis} millis` }))
}

/** Longer than any program here takes. One that hangs is told of by its name. */
const longestMillis = 30_000

/** Longer than any server here needs that waits for nobody. */
const stopMillis = 1000

/** Whether the program was right, and stopped when it had done its work. */
const stoppingInTime = Effect.fnUntraced(function* (program: Program) {
  let done = 0
  const noted = Effect.tap(program, () =>
    Effect.sync(() => {
      done = runMillis()
    }),
  )
  return (yield* Effect.scoped(noted)) && runMillis() - done < stopMillis
})

const unlessItHangs = (done: Promise<boolean>) =>
  new Promise<boolean>((resolve, reject) => {
    const end = runMillis() + longestMillis
    const watch = setInterval(() => {
      if (runMillis() > end) reject(new Error("it hangs"))
    }, 1_000)
    done.then(resolve, reject).finally(() => clearInterval(watch))
  })

const run = async (play: Play): Promise<void> => {
  const surrounding = await telemetry(play)
  const program = Effect.gen(function* () {
    const context: Context.Context<never> = yield* surrounding
    const serving = place === "node" ? onNode : asWebHandler(context)
    return yield* stoppingInTime(programOf(play)).pipe(
      Effect.provideService(Serving, serving),
      Effect.provideContext(context),
    )
  })
  const played: Played = await unlessItHangs(Effect.runPromise(Effect.scoped(program))).then(
    (right) => ({ ...play, right }),
    (failure) => ({ ...play, right: false, failure: String(failure) }),
  )
  process.stdout.write(`${JSON.stringify(played)}\n`)
}

/** So many programs at once: each waits most of the time, and other tests may need the machine too. */
const together = Number(process.env.STOCK_TOGETHER ?? 8)

const waiting = words.map(playIn)
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next)
}
await Promise.all(Array.from({ length: together }, work))
// A broken program may leave what keeps its process alive.
process.exit()
