import { fork } from "node:child_process"
import { once } from "node:events"
import { createWriteStream, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import { ofProcess } from "../src/process.ts"
import { diagnoseSource } from "../src/recordings/diagnosis/diagnose-source.ts"
import { fileSource } from "../src/recordings/file-source.ts"
import { type Figure, told, toldRatio } from "./figure.ts"
import { median } from "./statistics.ts"
import { generatedLines } from "./traces.ts"
import { cpuMillis } from "./usage.ts"

const rounds = 9
const timedSpans = 200_000
const largeSpans = 1_000_000
const mostTimes = 2
const mostMiB = 300

const diagnoseFile = (path: string) =>
  fileSource(path).pipe(
    Effect.flatMap((source) => diagnoseSource(source)),
    Effect.provide(NodeFileSystem.layer),
    Effect.runPromise,
  )

const write = async (path: string, spans: number): Promise<void> => {
  const file = createWriteStream(path)
  for (const line of generatedLines(spans)) {
    if (!file.write(`${line}\n`)) await once(file, "drain")
  }
  file.end()
  await once(file, "close")
}

/** The CPU time that it takes: what else the machine does would be part of the time on the clock. */
const millisOf = async (run: () => unknown): Promise<number> => {
  const before = cpuMillis()
  await run()
  return cpuMillis() - before
}

/** CPU time to diagnose, relative to parsing the same lines; each run beside one of the other. */
const ratio = async (path: string): Promise<number> => {
  const lines = [...generatedLines(timedSpans)]
  const parse = () => {
    for (const line of lines) JSON.parse(line)
  }
  const times = { parse: [] as number[], diagnose: [] as number[], ratio: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const parsed = await millisOf(parse)
    const diagnosed = await millisOf(() => diagnoseFile(path))
    if (round < 0) continue
    times.parse.push(parsed)
    times.diagnose.push(diagnosed)
    times.ratio.push(diagnosed / parsed)
  }
  console.log(
    `  JSON.parse ${median(times.parse).toFixed(0)} ms, diagnose ${median(times.diagnose).toFixed(0)} ms`,
  )
  // Of neighbours: what else the machine does changes from one round to the next.
  return median(times.ratio)
}

const thisFile = fileURLToPath(import.meta.url)

/** What a process of its own answers, with the heap that the command has. */
const answerOf = async (question: "ratio" | "memory", path: string): Promise<number> => {
  const child = fork(thisFile, [question, path])
  const [message] = await once(child, "message")
  await once(child, "exit")
  if (typeof message !== "number") throw new Error("the child process said nothing")
  return message
}

/** The largest resident memory of a process that does nothing but diagnose the file. */
const peakMiB = async (path: string): Promise<number> => {
  const { spans } = await diagnoseFile(path)
  if (spans !== largeSpans) throw new Error(`${spans} of ${largeSpans} spans were read`)
  return process.resourceUsage().maxRSS / 1024
}

export const run = async (): Promise<ReadonlyArray<Figure>> => {
  const folder = mkdtempSync(join(tmpdir(), "scopeline-bench-"))
  try {
    const path = join(folder, "recording.jsonl")
    await write(path, timedSpans)
    const times = await answerOf("ratio", path)
    await write(path, largeSpans)
    const peak = await answerOf("memory", path)
    return [
      toldRatio(`CPU time for ${timedSpans} spans, to JSON.parse`, times, mostTimes),
      told(
        `resident memory for ${largeSpans} spans`,
        `${peak.toFixed(0)} MiB`,
        `${mostMiB} MiB`,
        peak <= mostMiB,
      ),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === thisFile) {
  const [, , question, path = ""] = process.argv
  ofProcess.heap.keepModest()
  process.send?.(question === "ratio" ? await ratio(path) : await peakMiB(path))
}
