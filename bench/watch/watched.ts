import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Span } from "../../otel/lifetimes/span.ts"
import { encodeJson } from "../../src/otlp/encode.ts"
import type { Snapshot } from "../../src/page/snapshot.ts"
import { asked } from "../child.ts"

const scopeline = fileURLToPath(new URL("../../bin/scopeline.js", import.meta.url))

/** `scopeline watch` in a process of its own. */
export interface Watch {
  readonly page: string
  readonly otlp: string
  /** Sends spans as a program does. */
  readonly send: (spans: ReadonlyArray<Span>) => Promise<void>
  readonly snapshot: () => Promise<Snapshot>
  /** What it takes of this machine: `cpu` in milliseconds, `rss` in bytes. */
  readonly usage: (question: "cpu" | "rss") => Promise<number>
  readonly stop: () => Promise<void>
}

export const startWatch = async (port = 0): Promise<Watch> => {
  const words = ["watch", "--json", "--port", String(port), "--otlp-port", "0"]
  const child = startProcess(words, {}, [
    "--import",
    new URL("usage-told.ts", import.meta.url).href,
  ])
  const ready = once(child, "message")
  const line = await written(child, /^(\{"news":"start".*)$/)
  const { page, otlp }: { readonly page: string; readonly otlp: string } = JSON.parse(line)
  await ready
  const headers = { "content-type": "application/json" }
  return {
    page,
    otlp,
    send: async (spans) => {
      const request = { method: "POST", headers, body: encodeJson(spans) }
      const { status } = await fetch(`${otlp}/v1/traces`, request)
      if (status !== 200) throw new Error(`spans were refused: ${status}`)
    },
    snapshot: async () => (await fetch(`${page}/data`)).json(),
    usage: (question) => asked(child, question),
    stop: () => stop(child),
  }
}

/** The event server in a process of its own, watched there. */
export const startServer = async ({ otlp }: Watch) => {
  const child = startProcess(["serve", "--fixed", "--port", "0"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
    OTEL_BSP_SCHEDULE_DELAY: "100",
    SCOPELINE_WATCH: "1",
  })
  const address = await written(child, /(http:\/\/127\.0\.0\.1:\d+)/)
  return { address, stop: () => stop(child) }
}

const startProcess = (
  words: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>>,
  execArgv: Array<string> = [],
): ChildProcess =>
  fork(scopeline, words, { env: { ...process.env, ...variables }, execArgv, silent: true })

/** What it prints where it first looks like this. The rest of it is read, and dropped. */
const written = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdout, stderr } = child
    if (stdout === null || stderr === null) throw new Error("its output is not read")
    stderr.resume()
    createInterface({ input: stdout }).on("line", (line) => {
      const [, found] = pattern.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    child.once("exit", () => reject(new Error(`It ended before it printed ${pattern}.`)))
  })

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, "exit")
  child.kill("SIGINT")
  await ended
}
