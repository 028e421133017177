/** The terminal that a command writes to. */
export interface Screen {
  readonly width: number
  readonly color: boolean
}

const widest = 120

/** Colour only for a terminal, and not where `NO_COLOR` is set to anything. */
export const screenOf = (stdout: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Screen => ({
  width: Math.min(stdout.columns ?? 100, widest),
  color: stdout.isTTY === true && (environment.NO_COLOR ?? "") === "",
})
