import type { Run } from "../snapshot.ts"

/** `run 2`, or the name that a command gave it. */
export const runName = (runs: ReadonlyArray<Run>, number: number): string =>
  runs.find((run) => run.number === number)?.name ?? `run ${number}`
