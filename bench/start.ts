import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { copyToPack } from "../packaging/copy.ts"
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

const isBounded = (place: string, program: string): boolean => {
  const [idle = [], ...started] = measured([
    ["-e", "0"],
    ...bounds.map(({ words }) => [program, ...words]),
  ])
  console.log(`  ${place}; node -e 0 takes ${median(idle).toFixed(0)} ms`)
  const met = bounds.map(({ words, most }, index) => {
    const millis = started[index] ?? []
    const ratio = medianRatio(millis, idle)
    console.log(
      `scopeline ${words.join(" ")}: ${median(millis).toFixed(0)} ms,`,
      `${ratio.toFixed(1)}x (at most ${most}x) ${ratio <= most ? "ok" : "MISSED"}`,
    )
    return ratio <= most
  })
  return met.every(Boolean)
}

/** Packs a copy of the checkout; gives what its command runs. */
const pack = (folder: string): string => {
  copyToPack(checkout, folder)
  execFileSync(process.execPath, ["packaging/prepack.ts"], { cwd: folder, stdio: "inherit" })
  return join(folder, "dist/bin/scopeline.js")
}

export const run = async (): Promise<boolean> => {
  const folder = mkdtempSync(join(tmpdir(), "scopeline-start-"))
  try {
    const load = loadavg().map((one) => one.toFixed(1))
    console.log(`  CPU time, medians of ${runs} runs; load ${load.join(" ")}`)
    const inCheckout = isBounded("in a checkout", join(checkout, "bin/scopeline.js"))
    return isBounded("packed", pack(folder)) && inCheckout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
