import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import { largeTrace } from "../large-trace.ts"

const scopeline = fileURLToPath(new URL("../../bin/scopeline.js", import.meta.url))

/** Of which the page says nothing but their times, as a program makes them. */
export const manySpans = (count = 20_000): ReadonlyArray<Span> =>
  largeTrace(count, { name: () => "bus", attributes: {} })

/** A recording as a file, and the report that `diagnose` writes about one. */
export interface Reports {
  readonly ofFile: (recording: string) => string
  readonly ofSpans: (spans: ReadonlyArray<Span>) => string
}

/** Reports in a folder that is there as long as they are used. */
export const withReports = async <A>(use: (reports: Reports) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "scopeline-bench-"))
  let count = 0
  const ofFile = (recording: string): string => {
    const report = join(folder, `${++count}.html`)
    const words = [scopeline, "diagnose", recording, "--report", report, "--json"]
    try {
      execFileSync(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] })
    } catch (error) {
      // 1 is what it ends with where problems were found.
      if (!(error instanceof Error && "status" in error && error.status === 1)) throw error
    }
    return report
  }
  const ofSpans = (spans: ReadonlyArray<Span>): string => {
    const recording = join(folder, "recording.jsonl")
    const lines = Array.from({ length: Math.ceil(spans.length / 512) }, (_, index) =>
      encodeJson(spans.slice(index * 512, (index + 1) * 512)),
    )
    writeFileSync(recording, `${lines.join("\n")}\n`)
    return ofFile(recording)
  }
  try {
    return await use({ ofFile, ofSpans })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
