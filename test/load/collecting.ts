import { Effect } from "effect"
import { start } from "../../bench/child.ts"

/** A collector in a process of its own, and what it has been sent. */
export const collecting = (variables: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.promise(() => start("../test/load/collector-process.ts", variables)),
    ({ stop }) => Effect.promise(stop),
  ).pipe(
    Effect.flatMap(({ ask }) =>
      Effect.promise(async () => ({
        address: `http://127.0.0.1:${await ask("port")}`,
        ask: (question: "spans" | "twice" | "found" | "fewestOfFound") =>
          Effect.promise(() => ask(question)),
      })),
    ),
  )

interface Lost {
  readonly lost: number
  /** Of these, how many may have arrived all the same. */
  readonly sent: number
}

/** How many spans a program says at its end that it has lost. */
export const lostIn = (stderr: string): Lost => {
  let [lost, sent] = [0, 0]
  for (const [line, spans] of stderr.matchAll(/^(\d+) spans? (?:was|were) lost:.*$/gm)) {
    const [, some] = /; (\d+ of them|all|it) may have arrived/.exec(line) ?? []
    lost += Number(spans)
    if (some !== undefined) sent += Number.parseInt(some, 10) || Number(spans)
  }
  return { lost, sent }
}
