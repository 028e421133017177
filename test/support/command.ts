import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const repository = fileURLToPath(new URL("../..", import.meta.url))

/** Runs a command of the program to its end, in an environment that holds nothing of ours. */
export const runCommand = (
  words: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|FIXED_SSE$|NO_COLOR$|FORCE_COLOR$)/.test(name),
  )
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["bin/scopeline.js", ...words],
      {
        cwd: repository,
        env: { ...Object.fromEntries(clean), ...variables },
        maxBuffer: 64 * 1024 * 1024,
        timeout: 60_000,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
        resolve({ code, stdout, stderr })
      },
    )
  })
}
