import * as Effect from "effect/Effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { fromMillis } from "../../otel/lifetimes/time.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { receiver } from "../collector/post.ts"
import { runningProgram } from "../support/process.ts"
import type { Variables } from "../support/running.ts"
import {
  allPlays,
  isAlone,
  isOnlyOnWeb,
  needsNode,
  type Play,
  type Played,
  wordOf,
} from "./plays.ts"
import { graceMillis } from "./stage.ts"

/** How programs are run. */
export interface Way {
  readonly title: string
  /** The Layer around each program, or `scopeline/register` before all. */
  readonly seenBy: "layer" | "register"
  /** Effect's server of Node.js, or a web handler behind `node:http`. */
  readonly place: "node" | "web"
  readonly runtime: "node" | "bun"
  readonly command: string
  /** What stands before the program on the command line, and in its environment. */
  readonly words: ReadonlyArray<string>
  readonly variables: Variables
}

/** What a program did, and what was found in it. */
export type Judged = Played & { readonly findings: ReadonlyArray<Finding> }

/** Programs that can share a process: under the Layer all, and under register those with a bug and those without. */
const processesOf = (
  plays: ReadonlyArray<Play>,
  { seenBy }: Way,
): ReadonlyArray<ReadonlyArray<Play>> => {
  if (seenBy === "layer") return [plays]
  const together = plays.filter((play) => !isAlone(play))
  return [
    together.filter(({ variant }) => variant === "broken"),
    together.filter(({ variant }) => variant !== "broken"),
    ...plays.filter(isAlone).map((play) => [play]),
  ].filter(({ length }) => length > 0)
}

/** Whether a program can be run in this way. */
export const isPossible = (play: Pick<Play, "name">, { place }: Way): boolean =>
  place === "node" ? !isOnlyOnWeb(play) : !needsNode(play)

/** Programs run in this way: all, or some. */
export const judged = (
  way: Way,
  plays: ReadonlyArray<Play> = allPlays.filter((play) => isPossible(play, way)),
): Effect.Effect<ReadonlyArray<Judged>, Error> =>
  Effect.map(
    Effect.forEach(processesOf(plays, way), (together) => judgedIn(way, together), {
      concurrency: 2,
    }),
    (all) => all.flat(),
  )

const judgedIn = (way: Way, plays: ReadonlyArray<Play>) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    const program = yield* runningProgram(
      way.command,
      [...way.words, "test/stock/play.ts", way.place, ...plays.map(wordOf)],
      { ...way.variables, ...environmentFor(way, url) },
    )
    const code = yield* program.ended
    if (code !== 0)
      return yield* Effect.fail(new Error(`it ended with ${code}: ${program.output()}`))
    const store = yield* TraceStore
    const traces = yield* Effect.forEach(yield* store.traces, store.trace)
    const { findings } = diagnose(traces.flat(), { grace: fromMillis(graceMillis) })
    return playedIn(program.stdout()).map((played) => ({
      ...played,
      findings: findings.filter((finding) => plays.length === 1 || isAbout(finding, played, way)),
    }))
  }).pipe(Effect.provide(receiver, { local: true }), Effect.scoped)

const environmentFor = ({ seenBy }: Way, url: string): Variables =>
  seenBy === "layer"
    ? { STOCK_COLLECTOR: url }
    : { OTEL_EXPORTER_OTLP_ENDPOINT: url, SCOPELINE_GRACE: String(graceMillis) }

const playedIn = (stdout: string): ReadonlyArray<Played> =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Played => JSON.parse(line))

/** Under the Layer each program is a service; under register the routes of a pair begin with its name. */
const isAbout = ({ service, route }: Finding, played: Played, { seenBy }: Way): boolean =>
  seenBy === "layer"
    ? service === wordOf(played)
    : new RegExp(` /${played.name}(?:/|$)`).test(route)
