import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** A process that was started for a measurement, and answers questions with numbers. */
export interface Child {
  readonly ask: (question: string) => Promise<number>
  readonly stop: () => Promise<void>
}

type Variables = Readonly<Record<string, string>>

/** The environment of this process, without what would configure the child's telemetry. */
const environment = (variables: Variables): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OTEL_"))),
  ...variables,
})

/** Starts a module beside the benchmarks, which has called `answer`. */
export const start = async (module: string, variables: Variables = {}): Promise<Child> => {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), [], {
    env: environment(variables),
    execArgv: ["--expose-gc", ...(process.env.BENCH_NODE_OPTIONS?.split(" ") ?? [])],
  })
  await said(child)
  return {
    ask: (question) => asked(child, question),
    stop: async () => {
      const ended = once(child, "exit")
      child.disconnect()
      await ended
    },
  }
}

/** What a process that has called `answer` says to a question. */
export const asked = (child: ChildProcess, question: string): Promise<number> => {
  child.send(question)
  return said(child)
}

const said = async (child: ChildProcess): Promise<number> => {
  const ended = new AbortController()
  const { signal } = ended
  try {
    const [message] = await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }),
    ])
    if (typeof message !== "number" || child.exitCode !== null) throw new Error("a child has ended")
    return message
  } finally {
    ended.abort()
  }
}

/** Answers what the process that started this one asks, once this is ready. */
export const answer = (answers: Readonly<Record<string, () => number | Promise<number>>>): void => {
  process.on("message", async (question) => {
    process.send?.((await answers[String(question)]?.()) ?? Number.NaN)
  })
  process.send?.(0)
}
