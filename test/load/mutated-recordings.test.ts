import { globSync, readFileSync } from "node:fs"
import { Readable } from "node:stream"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { cpuMillis } from "../../bench/usage.ts"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { runScenario } from "../../src/scenarios/run.ts"
import { linesOf, textSource } from "../recordings/recording.ts"
import { runCommand } from "../support/command.ts"
import { once } from "../support/once.ts"
import { Random } from "../truth/random.ts"
import { tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"
import { forgeries, type Lines, losses, mutants } from "./mutation.ts"

const linesIn = (text: string): Lines => text.split("\n").filter((line) => line !== "")

/** Captures of released programs, and a recording of each bug. */
const recordings = globSync(["test/fixtures/captures/*.jsonl", "docs/rules/*.jsonl"])
  .toSorted()
  .map((path) => linesIn(readFileSync(path, "utf8")))

const everything = { ...losses, ...forgeries }

/** Recordings of programs without the bug, one span a line: a line that is broken costs little else. */
const healthy = once(
  Effect.forEach(
    scenarios.slice(0, sized(scenarios.length, 3)),
    (scenario) =>
      Effect.map(runScenario(scenario, "fixed"), ({ spans, asExpected }) => {
        expect(asExpected, nameOf(scenario)).toBe(true)
        return linesIn(linesOf(...spans.map((span) => [span])))
      }),
    { concurrency: 4 },
  ),
)

/** Of CPU time for one recording. */
const mostMillis = 1_500

/** `LOAD_SEED` makes other mutations. */
const seed = Number(process.env.LOAD_SEED ?? 1)

interface Seen {
  readonly slowest: number
  readonly crashes: ReadonlyArray<string>
  /** Which mutations led to a finding that is certain. */
  readonly certain: ReadonlyArray<string>
  readonly refused: number
  readonly judged: number
}

const diagnosedAll = Effect.fnUntraced(function* (all: ReturnType<typeof mutants>) {
  let slowest = 0
  let refused = 0
  let judged = 0
  const crashes: Array<string> = []
  const certain: Array<string> = []
  for (const { number, name, bytes } of all) {
    const before = cpuMillis()
    const exit = yield* Effect.exit(diagnoseSource(textSource(bytes)))
    slowest = Math.max(slowest, cpuMillis() - before)
    const what = `${number}: ${name}`
    if (Exit.isSuccess(exit)) {
      judged += exit.value.exchangesJudged
      const findings = exit.value.findings.filter(({ finding }) => finding.confidence === "certain")
      if (findings.length > 0) {
        certain.push(`${what}: ${findings.map(({ finding }) => finding.rule).join(", ")}`)
      }
    } else if (exit.cause.reasons.every(({ _tag }) => _tag === "Fail")) {
      refused++
    } else {
      crashes.push(`${what}: ${exit.cause}`)
    }
    if (number % 100 === 0) yield* Effect.promise(() => new Promise(setImmediate))
  }
  const seen: Seen = { slowest, crashes, certain, refused, judged }
  return seen
})

const figureOf = (count: number, { slowest, crashes, refused }: Seen): string =>
  `${whole(count)} read, ${whole(refused)} of them refused with a reason; ${crashes.length} crashes; ` +
  `the slowest took ${slowest.toFixed(0)} ms of CPU time`

const certainOf = ({ certain, judged }: Seen): string =>
  `${certain.length} certain findings in ${whole(judged)} exchanges`

/** A time that is changed well tells, without contradicting itself, what happened to another program. */
const mostForged = 0.001

const inProcess = sized(16_000, 800)
const ofHealthy = sized(2_000, 200)
const byCommand = sized(500, 50)

describe("recordings that are broken in every way", () => {
  it.live("are read without a crash, each in time", (context) =>
    Effect.gen(function* () {
      const random = new Random(seed)
      const broken = mutants(recordings, everything, inProcess, random)
      const seen = yield* diagnosedAll(broken)
      tellFigure(context, figureOf(inProcess, seen))
      expect(seen.crashes).toEqual([])
      expect(seen.certain.length).toBeGreaterThan(0) // most of these programs have a bug
      expect(seen.slowest).toBeLessThan(mostMillis)
    }),
  )

  it.live("show no certain finding in what is left of a healthy program", (context) =>
    Effect.gen(function* () {
      const left = mutants(yield* healthy, losses, ofHealthy, new Random(seed))
      const seen = yield* diagnosedAll(left)
      tellFigure(context, `${figureOf(ofHealthy, seen)}; ${certainOf(seen)}`)
      expect([seen.crashes, seen.certain]).toEqual([[], []])
      expect(seen.slowest).toBeLessThan(mostMillis)
    }),
  )

  it.live(
    "hardly ever show one where times and bytes of a healthy program were forged",
    (context) =>
      Effect.gen(function* () {
        const forged = mutants(yield* healthy, forgeries, ofHealthy, new Random(seed))
        const seen = yield* diagnosedAll(forged)
        tellFigure(context, `${figureOf(ofHealthy, seen)}; ${certainOf(seen)}`)
        expect(seen.crashes).toEqual([])
        expect(seen.slowest).toBeLessThan(mostMillis)
        expect(seen.certain.length).toBeLessThanOrEqual(mostForged * ofHealthy)
      }),
  )

  it.live(
    "give the command line an answer: findings, none, or why they cannot be read",
    (context) =>
      Effect.gen(function* () {
        const codes = new Map<number | null, number>()
        const wrong: Array<string> = []
        let slowest = 0
        const random = new Random(seed + 1)
        for (const { number, name, bytes } of mutants(recordings, everything, byCommand, random)) {
          const before = cpuMillis()
          const { code, stdout, stderr } = yield* Effect.promise(() =>
            runCommand(["diagnose", "-"], { stdin: Readable.from([Buffer.from(bytes)]) }),
          )
          slowest = Math.max(slowest, cpuMillis() - before)
          codes.set(code, (codes.get(code) ?? 0) + 1)
          // What ends with 1 has findings, and prints them; what ends with 2 says why.
          const isAnswer =
            code === 2 ? stderr.trim() !== "" : (code === 0 || code === 1) && stdout.trim() !== ""
          if (!isAnswer || /^\s+at .*:\d+/m.test(stderr))
            wrong.push(`${number}: ${name}: ${stderr}`)
        }
        const [none, found, refused] = [0, 1, 2].map((code) => codes.get(code) ?? 0)
        tellFigure(
          context,
          `${whole(byCommand)} read: ${found} with findings, ${none} without, ${refused} refused with a reason; ` +
            `${wrong.length} crashes; the slowest took ${slowest.toFixed(0)} ms of CPU time`,
        )
        expect(wrong).toEqual([])
        expect(slowest).toBeLessThan(mostMillis)
      }),
  )
})
