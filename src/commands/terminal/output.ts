import type { Writable } from "node:stream"

/** Standard output or standard error, of a process or of a test. */
export interface Output extends Writable {
  readonly isTTY?: boolean
  /** How wide the terminal is. */
  readonly columns?: number
}

/**
 * Waits until everything that was written before has left, however slowly it is read. Gives why it
 * could not leave, if so; a reader that went away early is no reason.
 */
export type Flush = () => Promise<Error | undefined>

/** A failure to write ends nothing: it is told by what this returns. */
export const keepFailureOf = (output: Output): Flush => {
  let failure: Error | undefined
  output.on("error", (error: Error) => {
    if (!hasNoReader(error)) failure ??= error
  })
  return () =>
    new Promise((resolve) => {
      // An error is emitted in the turn in which a callback hears of it, and may come after.
      const resolveLater = () => setImmediate(() => resolve(failure))
      if (output.writableLength === 0)
        resolveLater() // a full disk refuses even an empty write
      else output.write("", resolveLater)
    })
}

const hasNoReader = (error: Error): boolean =>
  "code" in error && (error.code === "EPIPE" || error.code === "EOF")
