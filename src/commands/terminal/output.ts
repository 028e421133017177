import type { Writable } from "node:stream"

/** Standard output or standard error, of a process or of a test. */
export interface Output extends Writable {
  readonly isTTY?: boolean
  /** How wide the terminal is. */
  readonly columns?: number
}

/**
 * Waits until everything that was written before has left, however slowly it is read. Returns why it could not
 * leave, if so. A reader that went away early does not count.
 */
export type Flush = () => Promise<Error | undefined>

/** A failed write ends nothing: the returned function reports it. */
export const keepFailureOf = (output: Output): Flush => {
  let failure: Error | undefined
  output.on("error", (error: Error) => {
    if (!hasNoReader(error)) failure ??= error
  })
  return () =>
    new Promise((resolve) => {
      // The error is emitted in the turn in which a callback gets it, and may come after the callback.
      const resolveLater = () => setImmediate(() => resolve(failure))
      if (output.writableLength === 0)
        resolveLater() // a full disk refuses even an empty write
      else output.write("", resolveLater)
    })
}

const hasNoReader = (error: Error): boolean =>
  "code" in error && (error.code === "EPIPE" || error.code === "EOF")
