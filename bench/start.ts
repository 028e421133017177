import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { copyToPack } from "../packaging/copy.ts"
import { type Figure, told, toldRatio } from "./figure.ts"
import { median, medianRatio } from "./statistics.ts"

const runs = 21

/** What the program may take to start, in times of a Node that does nothing. */
const bounds: ReadonlyArray<{ readonly words: ReadonlyArray<string>; readonly most: number }> = [
  { words: ["--version"], most: 4 },
  { words: ["--help"], most: 4 },
  { words: ["diagnose", "--help"], most: 14 },
]

const checkout = fileURLToPath(new URL("../", import.meta.url))

/** The CPU time of a run of Node, in milliseconds. Node itself tells nothing of its children's. */
const millisOf = (words: ReadonlyArray<string>): number => {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" > /dev/null 2>&1; } 2>&1'
  const times = execFileSync("bash", ["-c", script, "bash", process.execPath, ...words], {
    encoding: "utf8",
  })
  const [user = Number.NaN, system = Number.NaN] = times.trim().split(" ").map(Number)
  return 1000 * (user + system)
}

/** Runs each of them in turn, so that another program disturbs them alike; the first time for nothing. */
const measured = (
  commands: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<ReadonlyArray<number>> => {
  for (const words of commands) millisOf(words)
  const rounds = Array.from({ length: runs }, () => commands.map(millisOf))
  return commands.map((_, index) => rounds.map((round) => round[index] ?? Number.NaN))
}

const commands = (place: string, program: string): ReadonlyArray<Figure> => {
  const [idle = [], ...started] = measured([
    ["-e", "0"],
    ...bounds.map(({ words }) => [program, ...words]),
  ])
  console.log(`  ${place}; node -e 0 takes ${median(idle).toFixed(0)} ms`)
  return bounds.map(({ words, most }, index) => {
    const what = `CPU time of scopeline ${words.join(" ")}, ${place}, to node -e 0`
    return toldRatio(what, medianRatio(started[index] ?? [], idle), most)
  })
}

const startRuns = 7
const mostStartSeconds = 1.8

/** The wall clock of what a visitor runs first. */
const npmStart = (): Figure => {
  const seconds = Array.from({ length: startRuns }, () => {
    const began = performance.now()
    execFileSync("npm", ["start"], { cwd: checkout, stdio: "ignore" })
    return (performance.now() - began) / 1000
  })
  const took = median(seconds)
  return told(
    `npm start, wall clock, median of ${startRuns} runs`,
    `${took.toFixed(2)} s`,
    `${mostStartSeconds} s`,
    took <= mostStartSeconds,
  )
}

/**
 * What `scopeline/register` may add to the start of a program that loads Effect, to one that loads a
 * single module of it, where register has to load the rest that it needs, and to one without Effect.
 */
const mostWithEffect = 250
const mostWithOneModule = 400
const mostWithout = 20

const programs = [
  { title: "a program that loads Effect", most: mostWithEffect, file: "effect.mjs" },
  {
    title: "a program that loads no more than one module of it",
    most: mostWithOneModule,
    file: "one.mjs",
  },
  { title: "a program that does not", most: mostWithout, file: "none.mjs" },
]

const sources: Readonly<Record<string, string>> = {
  "effect.mjs": 'import { Effect } from "effect"\nEffect.runSync(Effect.sync(() => {}))',
  "one.mjs": 'import * as Effect from "effect/Effect"\nEffect.runSync(Effect.sync(() => {}))',
  "none.mjs": "",
}

/** What register adds in a folder where the package is. */
const registered = (folder: string): ReadonlyArray<Figure> => {
  for (const [file, source] of Object.entries(sources)) writeFileSync(join(folder, file), source)
  const register = join(folder, "dist/otel/register.js")
  const millis = measured(
    programs.flatMap(({ file }) => [
      [join(folder, file)],
      ["--import", pathToFileURL(register).href, join(folder, file)],
    ]),
  )
  return programs.map(({ title, most }, index) => {
    const without = millis[2 * index] ?? []
    const added = median((millis[2 * index + 1] ?? []).map((one, run) => one - (without[run] ?? 0)))
    const what = `CPU time that register adds to the start of ${title}`
    return told(what, `${added.toFixed(0)} ms`, `${most} ms`, added <= most)
  })
}

/** Packs a copy of the checkout; gives what its command runs. */
const pack = (folder: string): string => {
  copyToPack(checkout, folder)
  execFileSync(process.execPath, ["packaging/prepack.ts"], { cwd: folder, stdio: "inherit" })
  return join(folder, "dist/bin/scopeline.js")
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const folder = mkdtempSync(join(tmpdir(), "scopeline-start-"))
  try {
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(`  CPU time, medians of ${runs} runs; load ${load.join(" ")}`)
    return [
      npmStart(),
      ...commands("in a checkout", join(checkout, "bin/scopeline.js")),
      ...commands("packed", pack(folder)),
      ...registered(folder),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
